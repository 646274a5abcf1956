"""Texts of the page that compares two visits of a site."""

from __future__ import annotations

from web.text import Words


class CompareText:
    """Templates see this object as `c`."""

    title = Words("Two visits compared")
    heading = Words("{site}: {before} and {after}")
    link = Words("Compare with another visit")
    site = Words("Site")
    before = Words("Before")
    after = Words("After")
    show = Words("Compare")
    choose = Words("Which visits")
    only_one = Words("A comparison takes two visits with photographs of this site.")
    cannot = Words("These two visits cannot be compared")
    picture = Words("Both photographs on the same skin: left of the line {before}, right of it {after}")
    slider = Words("Line between before and after")
    points = Words("Show on the photograph")
    classes = Words(
        {
            "kept": "found again",
            "lost": "not found again",
            "new": "new",
            "changed": "units with another number of hairs",
        }
    )
    map = Words("Map of change")
    map_none = Words("off")
    map_scale = Words("change of {unit}")
    facts = Words("What this rests on")
    overlap = Words("Shared skin")
    overlap_value = Words("{area}, or {share} of the first photograph, in which hairs could be counted at both visits")
    residual = Words("Fit")
    residual_value = Words("matched hairs lie {um} µm apart (root mean square)")
    doubtful = Words("Left open")
    doubtful_value = Words("{n} points were seen too seldom to be named; the change allows for them")
    change_value = Words("{before} {unit} before, {change} per cm² ({low} to {high})")
    note = Words(
        "A hair that was not found again may have been shed, cut too short, or hidden. A new one may have been hidden "
        "before. The interval allows for both."
    )
    failed = Words("The points could not be loaded. Please try again.")


COMPARE = CompareText()
