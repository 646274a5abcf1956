"""Every text of the pages, in English, in one place. Sentences of the trends are in `station/trends/texts`.

Templates see this object as `t`. What is asked of it comes in the language of the answer under way: the English text is
the message by which `station/trends/locale` is searched. `python -m web.catalogue` brings the catalogues up to date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar, cast

from station.trends.sentences import NBSP, translated
from web.language import language

Content = TypeVar("Content", bound=str | tuple[str, ...] | Mapping[str, str])


class Words(Generic[Content]):
    """One text, several paragraphs, or the words for each of several values, as an attribute that is translated.

    Braces are filled in with str.format. english: as it stands in the source.
    """

    def __init__(self, english: Content) -> None:
        self.english = english

    def __get__(self, instance: object, owner: type[object]) -> Content:
        wanted, english = language(), self.english
        found: object
        if isinstance(english, str):
            found = translated(english, wanted)
        elif isinstance(english, tuple):
            found = tuple(translated(paragraph, wanted) for paragraph in english)
        else:
            found = {key: translated(words, wanted) for key, words in english.items()}
        return cast("Content", found)

    def messages(self) -> tuple[str, ...]:
        """The English texts, for the catalogues."""
        if isinstance(self.english, str):
            return (self.english,)
        return tuple(self.english.values() if isinstance(self.english, Mapping) else self.english)


class Text:
    """The texts of the pages."""

    product = Words("Hair density station")
    skip = Words("Skip to content")
    nav_label = Words("Main")
    nav_overview = Words("Overview")
    nav_about = Words("About")
    nav_start = Words("Start")
    nav_help = Words("Help")
    help_title = Words("Help")
    help_sources = Words("Sources")
    nav_language = Words("Language")

    demo_banner_title = Words("Demonstration")
    demo_banner = Words("The person is simulated, the measuring is real.")

    start_title = Words("How has your hair density changed?")
    start_lead = Words(
        "Type the code that was given to you. It leads to your own record; the station keeps no names on this page."
    )
    start_label = Words("Your code")
    start_button = Words("Open my record")
    start_empty = Words("Please type your code first.")
    start_unknown = Words(
        "There is no record under this code. Please check it and try again, or ask a member of staff."
    )

    person = Words("Person {code}")
    person_simulated = Words("Demonstration person")
    person_code = Words("Code {code}")
    no_visits = Words("No visit is recorded yet.")
    no_visits_hint = Words("The first photographs will appear here as soon as they are taken.")

    fu_unit = Words("FU/cm²")
    fu_long = Words("Follicular units per cm²")
    hairs_unit = Words("hairs/cm²")
    hairs_long = Words("Hairs per cm²")
    interval = Words("{level}" + NBSP + "% interval {range}")
    clocks = Words(
        {
            "synchronised": "clock synchronised",
            "rtc": "hardware clock",
            "unknown": "clock not known to be right",
            "simulated": "simulated date",
        }
    )
    sites = Words(
        {
            "frontal": "Frontal",
            "midscalp": "Midscalp",
            "vertex": "Vertex",
            "parietal-left": "Parietal, left",
            "parietal-right": "Parietal, right",
            "temporal-left": "Temporal, left",
            "temporal-right": "Temporal, right",
            "occipital": "Occipital",
        }
    )
    protocols = Words({"Eight macro sites": "Eight macro sites"})
    seconds = Words("about {n}" + NBSP + "s")
    minutes = Words("about {n}" + NBSP + "min")

    course_title = Words("Course")
    course_chart = Words("Course of hairs per cm² and follicular units per cm² over the visits. A table follows below.")
    course_band = Words("within measurement error")
    course_beyond = Words("beyond")
    course_bars = Words("90" + NBSP + "% interval")
    course_baseline = Words("baseline")
    course_empty = Words("The course appears after the first complete visit.")
    course_table = Words("The course as a table")
    course_error_source = Words("Measurement error")

    visits_title = Words("Visits")
    visit = Words("Visit {number}")
    visit_baseline = Words("Visit {number}, baseline")
    visit_of = Words("Visit {number}, {date}")
    visit_open = Words("Open visit")
    visit_complete = Words("complete")
    visit_partial = Words("{done} of {total} sites measured")
    visit_waiting = Words("not measured yet")
    visit_lead = Words("Mean over the sites, by the protocol “{protocol}”.")
    visit_missing = Words("No mean yet: it needs every site of the protocol.")
    visit_previous = Words("Previous visit")
    visit_next = Words("Next visit")
    visit_back = Words("Back to the overview")
    visit_not_there = Words("There is no visit {number} in this record. Choose one of the visits on the overview.")

    head_title = Words("Head seen from above, nose at the top")
    head_site = Words("{name}: {estimate}")
    head_pending = Words("{name}: not measured yet")

    table_sites = Words("Site by site")
    col_date = Words("Date")
    col_visit = Words("Visit")
    col_site = Words("Site")
    col_per_fu = Words("Hairs per unit")
    col_area = Words("Counted area")
    col_frames = Words("Photographs")
    frames = Words("{done} of {planned}")
    frames_failed = Words("{failed} could not be measured")
    mean = Words("Mean of the sites")
    brackets = Words("In brackets: the 90" + NBSP + "% interval.")
    warnings_title = Words("To bear in mind")

    site_not_there = Words("This visit has no site called “{site}”. Choose one of the sites on the visit's page.")
    site_empty = Words("No photograph of this site is recorded yet.")
    site_photo = Words("Photograph of the site {site}, with its density map")
    site_frame = Words("Photo {number}")
    site_frames = Words("Photographs of this site")
    site_frame_not_there = Words("This site has no photograph {number}. Choose one of those listed on the site's page.")
    site_pending = Words("This photograph is stored and not measured yet.")
    site_failed = Words("This photograph could not be measured: {error}")
    site_this_frame = Words("This photograph")
    site_all_frames = Words("All photographs of this visit")
    site_map = Words("Density map")
    site_opacity = Words("Strength of the map")
    site_show = Words("Show on the photograph")
    site_units = Words("Follicular units")
    site_roots = Words("Hair roots")
    site_points_none = Words("The points could not be loaded. Please try again.")
    site_other_visits = Words("The same site at other visits")
    site_full = Words("Open the photograph in full size")
    site_provenance = Words("Where these numbers come from")
    site_taken = Words("Taken")
    site_clock = Words("Clock")
    site_model = Words("Model")
    site_engine = Words("Engine")
    site_calibration = Words("Calibration")
    site_hash = Words("Image SHA-256")
    site_scale = Words("Scale")
    site_scale_value = Words("{value}" + NBSP + "px/mm, {width} × {height} px ({mm_x} × {mm_y}" + NBSP + "mm)")
    site_counted = Words("Counted")
    site_calibre = Words("Hair thickness")
    site_calibre_value = Words(
        "mean {mean}" + NBSP + "µm, median {median}" + NBSP + "µm, {share} below {thin}" + NBSP + "µm, "
        "over {hairs} hairs that lie free"
    )
    site_calibre_withheld = Words("not given: {reason}")
    site_grey = Words("Grey hairs")
    site_short = Words("Hairs under 0.35" + NBSP + "mm")
    site_share_unknown = Words("too few hairs show it")
    site_counted_value = Words("{units} follicular units and {hairs} hairs on {area}")

    explain_title = Words("What the two figures mean")
    explain = Words(
        (
            "Hairs leave the skin in small groups of one to four: the follicular units. FU/cm² counts the groups on "
            "one square centimetre of scalp, hairs/cm² counts every hair in them.",
            "A group is still counted while one of its hairs is left. So when hairs are lost evenly over the head, "
            "FU/cm² changes only about a third as much: of 100 hairs, 15 fewer means about 15 % fewer hairs/cm², but "
            "only about 4 to 6 % fewer FU/cm². Hairs/cm² is the more sensitive of the two, so the headline speaks of "
            "it.",
            "Every count has an error. The bars show the range that covered the true count in about 90 % of simulated "
            "photographs; on real scalp the error may be larger. Part of that error is the same at every visit, and "
            "drops out when two visits are compared. The shaded band is the least detectable change: a difference from "
            "the first visit that stays inside it cannot be told from measurement error. That is why the band can be "
            "narrower than the bars.",
        )
    )

    about_title = Words("About this station")
    about_facts = Words("What it runs on")
    about_software = Words("Software")
    about_model = Words("Density model")
    about_model_hash = Words("Model SHA-256")
    about_engine = Words("Engine")
    about_rig = Words("Rig")
    about_data = Words("Data folder")
    about_card = Words("Model card")
    about_licences = Words("Libraries in these pages")
    about_licences_text = Words(
        "Charts by Apache ECharts (Apache-2.0), updates by htmx (0BSD), typeface Source Sans 3 (OFL-1.1)."
    )
    disclaimer_title = Words("What this station does, and what it does not")
    disclaimer_short = Words("This station records and shows change. It does not diagnose or recommend treatment.")
    disclaimer_read = Words("I have read this")
    disclaimer_link = Words("Read the full note")

    progress_label = Words("Photographs measured: {done} of {total}")
    progress_left = Words("{time} left")
    progress_failed = Words("The work stopped: {error}")
    updating_paused = Words("The station does not answer at the moment. What is shown may be out of date.")

    error_title = Words("This did not work")
    error_code = Words("Code of this message: {code}")
    error_back = Words("Back to the start")
    error_not_found = Words("There is no such page. Please go back to the start.")
    error_internal = Words("Something went wrong. Nothing was lost. Please try again, or ask a member of staff.")
    error_method = Words("This address cannot be used in that way. Please go back to the start.")
    error_origin = Words("This request did not come from the station's own pages, so it was not carried out.")
    error_host = Words(
        "The station is not known under this address. Please use the address that it printed at its start."
    )
    error_request = Words("The request could not be understood. Please go back to the start.")
    error_width = Words("The width of a photograph is a whole number from {low} to {high} pixels.")
    error_visit = Words("The number of a visit is a whole number from 1.")


TEXT = Text()
