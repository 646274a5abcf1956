"""Texts of the page on repeatability."""

from __future__ import annotations

from station.trends.sentences import NBSP
from web.text import Words


class RepeatabilityText:
    """Templates see this object as `q`."""

    title = Words("Repeatability")
    lead_station = Words("How well this station repeats itself when nothing has changed ({rig}; model {model}).")
    lead_person = Words("How well counts of this person repeat when nothing has changed ({rig}; model {model}).")
    whole_station = Words("The whole station")
    simulated = Words("These figures come from a simulated rig.")
    link = Words("How it is measured")
    about_link = Words("How well this station repeats itself")

    now = Words("What trends reckon with now")
    default = Words("Default, not measured yet")
    measured = Words("Measured at this station")
    reckoned = Words(
        "{quantity}: a later visit must lie at least {fall} below or {rise} above another one before the difference is "
        "told as a change (95" + NBSP + "%, {sites} sites with {frames} photographs each)."
    )

    table_title = Words("Measured")
    empty = Words("No run is recorded yet.")
    all_sites = Words("All sites together")
    col_site = Words("Site")
    col_repeats = Words("Repeats")
    col_within = Words("Without moving")
    col_reposition = Words("Head put back")
    col_visit = Words("One visit")
    col_icc = Words("ICC")
    col_mdc = Words("Least detectable change")
    col_matched = Words("By the same hairs")
    col_date = Words("Measured on")
    repeats = Words("{n} ({photographs} each)")
    limits = Words("{fall} to {rise}")
    table_note = Words(
        "CVs (standard deviation as a share of the count) of hairs/cm² at one site. One visit: the mean of the "
        "photographs of one placement of the head. Least detectable change: between two such visits, 95" + NBSP + "%. "
        "By the same hairs: the same for the change that is told by matching each hair."
    )
    fu_table = Words("The same for follicular units per cm²")

    how_title = Words("How to measure it")
    how = Words(
        (
            "Choose a site and a person who can sit still for five minutes. On the station, give the command below.",
            "At each of ten repeats, lift the head off, wait a moment, put it back on the same place, and press Enter. "
            "The station takes two photographs each time.",
            "From ten repeat pairs on the station's own error takes the place of the default. The photographs are not "
            "kept; the figures are.",
        )
    )
    meaning_title = Words("What the figures mean")
    meaning = Words(
        (
            "Without moving: photographs taken one after the other differ by the camera's noise and by doubtful hairs "
            "that are counted in one and not in the other.",
            "Head put back: the view shows slightly other skin, and hairs lie differently.",
            "ICC(2,1), the intraclass correlation: the share of all differences that lies between sites or persons "
            "and not in the error. 1 would be no error. It needs two sites or persons.",
            "What makes one day differ from another, such as washing, cutting or shedding, is in none of these "
            "figures.",
        )
    )


REPEATABILITY = RepeatabilityText()
