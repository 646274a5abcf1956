"""Texts of the live view. What is wrong with a picture, and what to do, the station says itself (`texts/live.toml`)."""

from __future__ import annotations

from web.text import Words


class LiveText:
    """Templates see this object as `l`."""

    title = Words("Camera")
    lead = Words("What the camera sees now. Nothing is stored here.")
    picture = Words("Live picture of the scalp")
    ghost = Words("Show the first visit's picture")
    ghost_strength = Words("Strength of the first visit's picture")
    overlap = Words("Overlap with the first visit")
    overlap_goal = Words("accepted from {enough}, aim for {goal}")
    overlap_none = Words("not known yet")
    capture = Words("Take the photograph")
    capture_keys = Words("Space or Enter takes it too.")
    checks = Words("What is checked")
    names = Words(
        {
            "exposure": "Light",
            "site": "Place",
            "motion": "Stillness",
            "distance": "Distance",
            "sharpness": "Sharpness",
            "glare": "Glare",
            "parted": "Scalp seen",
            "dry": "Dry hair",
        }
    )
    verdicts = Words({"good": "good", "bad": "not good", "unknown": "not known yet"})
    waiting = Words("The live picture is on its way.")
    elsewhere = Words("The live picture is shown on another page now.")
    again = Words("Show it here")
    lost = Words("The station does not answer at the moment. The page tries again by itself.")
    none = Words("This station has no camera that could be shown live.")


LIVE = LiveText()
