"""Every sentence of the pages, in English, in one place. Sentences about a change are in `station.trends.wording`.

Templates see this object as `t`. A second language is a second `Text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from station.trends.wording import NBSP


def _clocks() -> Mapping[str, str]:
    return {
        "synchronised": "clock synchronised",
        "rtc": "hardware clock",
        "unknown": "clock not known to be right",
        "simulated": "simulated date",
    }


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one language. Braces are filled in with str.format."""

    language: str = "en"
    product: str = "Hair density station"
    skip: str = "Skip to content"
    nav_label: str = "Main"
    nav_overview: str = "Overview"
    nav_about: str = "About"
    nav_start: str = "Start"

    demo_banner_title: str = "Demonstration"
    demo_banner: str = "The person is simulated, the measuring is real."

    start_title: str = "How has your hair density changed?"
    start_lead: str = (
        "Type the code that was given to you. It leads to your own record; the station keeps no names on this page."
    )
    start_label: str = "Your code"
    start_button: str = "Open my record"
    start_empty: str = "Please type your code first."
    start_unknown: str = "There is no record under this code. Please check it and try again, or ask a member of staff."

    person_code: str = "Code {code}"
    no_visits: str = "No visit is recorded yet."
    no_visits_hint: str = "The first photographs will appear here as soon as they are taken."

    fu_name: str = "FU/cm²"
    fu_unit: str = "FU/cm²"
    fu_long: str = "Follicular units per cm²"
    hairs_name: str = "Hairs/cm²"
    hairs_unit: str = "hairs/cm²"
    hairs_long: str = "Hairs per cm²"
    interval: str = "{level:.0f}" + NBSP + "% interval {range}"
    clocks: Mapping[str, str] = field(default_factory=_clocks)
    seconds: str = "about {n}" + NBSP + "s"
    minutes: str = "about {n}" + NBSP + "min"

    course_title: str = "Course"
    course_chart: str = "Course of hairs per cm² and follicular units per cm² over the visits. A table follows below."
    course_band: str = "within measurement error"
    course_beyond: str = "beyond"
    course_bars: str = "90" + NBSP + "% interval"
    course_baseline: str = "baseline"
    course_empty: str = "The course appears after the first complete visit."
    course_table: str = "The course as a table"
    course_error_source: str = "Measurement error"

    visits_title: str = "Visits"
    visit: str = "Visit {number}"
    visit_baseline: str = "Visit {number}, baseline"
    visit_of: str = "Visit {number}, {date}"
    visit_open: str = "Open visit"
    visit_complete: str = "complete"
    visit_partial: str = "{done} of {total} sites measured"
    visit_waiting: str = "not measured yet"
    visit_lead: str = "Mean over the sites, by the protocol “{protocol}”."
    visit_missing: str = "No mean yet: it needs every site of the protocol."
    visit_previous: str = "Previous visit"
    visit_next: str = "Next visit"
    visit_back: str = "Back to the overview"
    visit_not_there: str = "There is no visit {number} in this record. Choose one of the visits on the overview."

    head_title: str = "Head seen from above, nose at the top"
    head_legend: str = "FU/cm²"
    head_site: str = "{name}: {estimate}"
    head_pending: str = "{name}: not measured yet"

    table_sites: str = "Site by site"
    col_date: str = "Date"
    col_visit: str = "Visit"
    col_site: str = "Site"
    col_per_fu: str = "Hairs per unit"
    col_area: str = "Counted area"
    col_frames: str = "Photographs"
    frames: str = "{done} of {planned}"
    frames_failed: str = "{failed} could not be measured"
    mean: str = "Mean of the sites"
    brackets: str = "In brackets: the 90" + NBSP + "% interval."
    warnings_title: str = "To bear in mind"

    site_not_there: str = "This visit has no site called “{site}”. Choose one of the sites on the visit's page."
    site_empty: str = "No photograph of this site is recorded yet."
    site_photo: str = "Photograph of the site {site}, with its density map"
    site_frame: str = "Photo {number}"
    site_frames: str = "Photographs of this site"
    site_frame_not_there: str = "This site has no photograph {number}. Choose one of those listed on the site's page."
    site_pending: str = "This photograph is stored and not measured yet."
    site_failed: str = "This photograph could not be measured: {error}"
    site_this_frame: str = "This photograph"
    site_all_frames: str = "All photographs of this visit"
    site_map: str = "Density map"
    site_opacity: str = "Strength of the map"
    site_show: str = "Show on the photograph"
    site_units: str = "Follicular units"
    site_roots: str = "Hair roots"
    site_points_none: str = "The points could not be loaded. Please try again."
    site_other_visits: str = "The same site at other visits"
    site_full: str = "Open the photograph in full size"
    site_provenance: str = "Where these numbers come from"
    site_taken: str = "Taken"
    site_clock: str = "Clock"
    site_model: str = "Model"
    site_engine: str = "Engine"
    site_calibration: str = "Calibration"
    site_hash: str = "Image SHA-256"
    site_scale: str = "Scale"
    site_scale_value: str = (
        "{value:.1f}" + NBSP + "px/mm, {width} × {height} px ({mm_x:.1f} × {mm_y:.1f}" + NBSP + "mm)"
    )
    site_counted: str = "Counted"
    site_calibre: str = "Hair thickness"
    site_calibre_value: str = (
        "mean {mean:.0f}" + NBSP + "µm, median {median:.0f}" + NBSP + "µm, {share} below {thin:g}" + NBSP + "µm, "
        "over {hairs} hairs that lie free"
    )
    site_calibre_withheld: str = "not given: {reason}"
    site_grey: str = "Grey hairs"
    site_short: str = "Hairs under 0.35" + NBSP + "mm"
    site_share_unknown: str = "too few hairs show it"
    site_counted_value: str = "{units} follicular units and {hairs} hairs on {area}"

    explain_title: str = "What the two figures mean"
    explain: tuple[str, ...] = (
        "Hairs leave the skin in small groups of one to four: the follicular units. FU/cm² counts the groups on one "
        "square centimetre of scalp, hairs/cm² counts every hair in them.",
        "A group is still counted while one of its hairs is left. So when hairs are lost evenly over the head, "
        "FU/cm² changes only about a third as much: of 100 hairs, 15 fewer means about 15 % fewer hairs/cm², but "
        "only about 4 to 6 % fewer FU/cm². Hairs/cm² is the more sensitive of the two, so the headline speaks of it.",
        "Every count has an error. The bars show the range that covered the true count in about 90 % of simulated "
        "photographs; on real scalp the error may be larger. Part of that error is the same at every visit, and drops "
        "out when two visits are compared. The shaded band is the "
        "least detectable change: a difference from the first visit that stays inside it cannot be told from "
        "measurement error. That is why the band can be narrower than the bars.",
    )

    about_title: str = "About this station"
    about_facts: str = "What it runs on"
    about_software: str = "Software"
    about_model: str = "Density model"
    about_model_hash: str = "Model SHA-256"
    about_engine: str = "Engine"
    about_rig: str = "Rig"
    about_data: str = "Data folder"
    about_card: str = "Model card"
    about_licences: str = "Libraries in these pages"
    about_licences_text: str = (
        "Charts by Apache ECharts (Apache-2.0), updates by htmx (0BSD), typeface Source Sans 3 (OFL-1.1)."
    )
    disclaimer_title: str = "What this station does, and what it does not"
    disclaimer: str = (
        "This station records photographs, counts and laboratory values that you or your clinic enter, and shows how "
        "they change. It does not diagnose, and it does not recommend treatment. Vitamin B12 deficiency and hair loss "
        "have many causes; a qualified health professional must interpret these records. Do not start, change or stop "
        "any treatment because of what this screen shows. Numbness, trouble walking, confusion, vision changes or "
        "severe fatigue need prompt medical attention."
    )
    disclaimer_short: str = "This station records and shows change. It does not diagnose or recommend treatment."
    disclaimer_link: str = "Read the full note"

    progress_label: str = "Photographs measured: {done} of {total}"
    progress_left: str = "{time} left"
    progress_failed: str = "The work stopped: {error}"
    updating_paused: str = "The station does not answer at the moment. What is shown may be out of date."

    error_title: str = "This did not work"
    error_code: str = "Code of this message: {code}"
    error_back: str = "Back to the start"
    error_not_found: str = "There is no such page. Please go back to the start."
    error_internal: str = "Something went wrong. Nothing was lost. Please try again, or ask a member of staff."
    error_method: str = "This address cannot be used in that way. Please go back to the start."
    error_origin: str = "This request did not come from the station's own pages, so it was not carried out."
    error_host: str = (
        "The station is not known under this address. Please use the address that it printed at its start."
    )
    error_request: str = "The request could not be understood. Please go back to the start."
    error_width: str = "The width of a photograph is a whole number from {low} to {high} pixels."
    error_visit: str = "The number of a visit is a whole number from 1."


ENGLISH = Text()
