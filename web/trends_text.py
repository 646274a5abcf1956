"""Texts of the page of trends. Sentences about a person come from the trends themselves."""

from __future__ import annotations

from web.text import Words


class TrendsText:
    """Templates see this object as `w`."""

    nav = Words("Trends")
    title = Words("Trends")
    now = Words("What can be said now")
    chart_title = Words("Density beside blood values")
    chart = Words(
        "Density, blood values, what was taken and shed counts on one time axis. Tables with the same numbers follow."
    )
    chart_hairs = Words("Hairs/cm²")
    chart_taken = Words("Taken and happened")
    chart_shed = Words("Shed hairs")
    chart_value = Words("Blood value")
    chart_unit = Words("Unit")
    chart_empty = Words("The chart appears with the first finished visit or the first entry.")
    key_points = Words("visit, with the error between visits (95 %)")
    key_smooth = Words("smoothed course with its band")
    key_baseline = Words("baseline")
    key_expected = Words("what may be expected from month 3 to 6")
    key_open = Words("result below or above what could be measured")
    key_changed = Words("another camera, model or protocol: not compared")
    phase = Words("Where you are on the calendar")
    milestones = Words("Milestones")
    milestones_expected = Words("expected {since} to {until}")
    recovery = Words("Recovery")
    distribution = Words("Where on the head")
    comparison = Words("Six things side by side")
    comparison_lead = Words(
        "This table has no total and names no illness. It shows what is on record beside two descriptions."
    )
    comparison_own = Words("On record")
    norwood = Words("Pattern and graft estimate")
    grey = Words("Grey hair")
    sheds = Words("Shed hairs")
    labs = Words("Blood values")
    labs_set = Words("Limits shown: {title}")
    labs_empty = Words("No blood value is recorded yet.")
    labs_drawn = Words("Drawn")
    labs_result = Words("As printed")
    labs_band = Words("Band")
    labs_notes = Words("To bear in mind")
    baseline = Words("Baseline")
    checklist = Words("Checklist")
    reminders = Words("Coming up")
    calendar = Words("Calendar file")
    calendar_detailed = Words("with names of tests and medicines")
    calendar_note = Words("The titles in the plain file say nothing about tests or treatments.")
    review = Words("{n} entries wait for a second look and are left out here.")
    means = Words("Visits in this chart")
    bands = Words({"low": "low", "borderline": "borderline", "normal": "in range", "high": "high"})
    states = Words(
        {
            "done": "done",
            "missing": "missing",
            "skipped": "left out",
            "seen": "seen",
            "seen-late": "seen late",
            "not-seen": "not seen",
            "not-yet-due": "not yet due",
            "not-enough-data": "not enough data",
            "due": "due",
            "overdue": "overdue",
            "upcoming": "coming up",
        }
    )


TRENDS = TrendsText()
