"""Rig profiles: the shipped ones are whole, and mistakes are refused with file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.errors import SettingsError
from station.rig.profile import load_profile, parse_profile, profile_names

GOOD = 'id = "x"\nname = "X"\nnote = ""\n[camera]\nwidth_px = 640\nheight_px = 480\npx_per_mm = 100\n'


def test_the_shipped_profiles() -> None:
    assert profile_names() == ("demo", "microscope-7mm", "reference", "tray")
    for name in profile_names():
        assert load_profile(name).id == name
    reference = load_profile("reference")
    assert (reference.width_px, reference.height_px, reference.px_per_mm) == (4056, 3040, 135.0)
    assert reference.size_mm == pytest.approx((30.04, 22.52), abs=0.01)
    assert reference.light is not None
    demo = load_profile("demo")
    assert demo.px_per_mm == reference.px_per_mm
    assert demo.size_mm == pytest.approx((12, 9))
    assert "12 x 9 mm" in demo.note
    microscope = load_profile("microscope-7mm")
    assert microscope.size_mm == pytest.approx((7.06, 5.64), abs=0.01)
    assert microscope.controls.exposure_us is None
    tray = load_profile("tray")
    assert tray.size_mm == pytest.approx((200, 110), abs=0.1)
    assert tray.light is None


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    found = load_profile(str(path))
    assert found.id == "x"
    assert found.light is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "depth = 3\n", "camera.depth: there is no such key"),
        ("colour = 3\n" + GOOD, "key colour: there is no such key"),
        (GOOD.replace("px_per_mm = 100", "px_per_mm = 5"), "camera.px_per_mm: 5 is out of range; allowed is 15 to 500"),
        (GOOD.replace("px_per_mm = 100\n", ""), "camera.px_per_mm: missing"),
        (GOOD.replace("640", "640.5"), "camera.width_px: 640.5 is not a whole number"),
        (GOOD.replace('"X"', "7"), "key name: needs a text"),
        (GOOD + "[controls]\ncolour_gains = [1.0]\n", "controls.colour_gains: needs two numbers"),
        (GOOD + "[controls]\nanalogue_gain = nan\n", "controls.analogue_gain: nan is not a number"),
        (GOOD + "[light]\ncross_gpio = 3\n", "table light: needs cross_gpio, parallel_gpio, warm_up_ms"),
        ("controls = 3\n" + GOOD, "controls must be a table"),
        ("[", "not a valid TOML file"),
    ],
)
def test_mistakes_are_refused_with_place_and_reason(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_profile(text, "mine.toml")
    assert "mine.toml" in str(caught.value)
    assert words in str(caught.value)


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="demo, microscope-7mm, reference, tray"):
        load_profile("none")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_profile(str(tmp_path / "none.toml"))
