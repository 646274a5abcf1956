"""The live quality gate: each fault is found, good pictures pass, and what cannot be told is not called good."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.gate_frames import PX_PER_MM, Pair, pair
from benchmarks.preview_gate import EXPECTED
from station.capture.gate import Code, GateView, Limits, Target, gate, judge, load_limits
from station.capture.gate_features import Look, look_at
from station.capture.gate_motion import Movement
from station.capture.guidance import Sighting
from station.rig.preview import Preview
from station.trends.sentences import LANGUAGES, texts

SEEDS = (2001, 2002, 2003)
STILL = Movement(0.01, 0.0, 0.0, 1.0, (7.5, 5.6), 0.1)
GOOD = Look(
    taken=10.0,
    sharpness=2.5,
    blurred=0.0,
    glare=0.0,
    dark=0.0,
    skin_level=150.0,
    saturated=0.0,
    open_skin=0.6,
    wide_hair=0.1,
    movement=STILL,
    followed=True,
)


def sighting(scale: float = 1.0, right_mm: float = 0.0, *, accepted: bool = True) -> Sighting:
    matrix = np.diag([scale, scale, 1.0])
    matrix[0, 2] = right_mm
    return Sighting(matrix, (30.0, 22.5), (30.0, 22.5), 1.0 if accepted else 0.0, accepted, 10.0)


def bad(view: GateView) -> set[Code]:
    return {finding.code for finding in view.findings if finding.ok is False}


def judged(both: Pair) -> GateView:
    return gate(both.now, both.before)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_good_picture_passes(seed: int) -> None:
    assert bad(judged(pair(seed, "none"))) == set()


@pytest.mark.parametrize("fault", [fault for fault in EXPECTED if fault != "wet"])
def test_a_fault_is_found(fault: str) -> None:
    for seed in SEEDS[:2]:
        assert bad(judged(pair(seed, fault))) & set(EXPECTED[fault]), seed


def test_findings_come_in_order_with_texts_and_pictures(root: Path) -> None:
    pictures = root / "web" / "static" / "img" / "live"
    template = (root / "web" / "templates" / "live_panel.html").read_text("utf-8")
    looks = [
        GOOD,
        replace(GOOD, skin_level=20),
        replace(GOOD, saturated=0.9),
        replace(GOOD, sharpness=0.5, blurred=0.94),
        replace(GOOD, blurred=0.4),
        replace(GOOD, glare=0.1, saturated=0.1),
        replace(GOOD, open_skin=0.1, wide_hair=0.6),
        replace(GOOD, open_skin=0.1),
        replace(GOOD, movement=None),
        replace(GOOD, followed=False, movement=None),
    ]
    targets = [
        Target(),
        Target(True),
        Target(True, sighting()),
        Target(True, sighting(right_mm=12)),
        Target(True, sighting(0.9)),
        Target(True, sighting(1.1)),
        Target(True, None, 2),
    ]
    said = set()
    for look in looks:
        for target in targets:
            view = judge(look, target)
            assert [finding.code for finding in view.findings] == list(Code)
            for finding in view.findings:
                said.add(finding.sentence)
                assert all(finding.text.text(language) for language in LANGUAGES)
                assert (pictures / f"{finding.picture}.svg").is_file()
                assert f'"{finding.picture}"' in template
    assert said == {key for key in texts() if key.startswith("gate.")}


def test_what_cannot_be_told_is_not_known_and_never_good() -> None:
    dark = judge(replace(GOOD, skin_level=10, movement=None))
    assert dark.finding(Code.EXPOSURE).ok is False
    for code in (Code.MOTION, Code.DISTANCE, Code.SHARPNESS, Code.GLARE, Code.PARTED, Code.DRY):
        assert dark.finding(code).ok is None, code
    blurred = judge(replace(GOOD, sharpness=0.6, blurred=0.94))
    assert (blurred.finding(Code.PARTED).ok, blurred.finding(Code.DRY).ok) == (None, None)
    assert judge(replace(GOOD, glare=0.2, saturated=0.2)).finding(Code.PARTED).ok is None
    first = judge(replace(GOOD, followed=False, movement=None))
    assert first.finding(Code.MOTION).ok is None
    assert first.good_since is None
    waiting = judge(GOOD, Target(True))
    assert waiting.finding(Code.SITE).ok is None
    assert waiting.good_since is None
    assert waiting.first is waiting.finding(Code.SITE)


def test_smooth_hair_that_covers_everything_is_no_open_skin() -> None:
    assert bad(judge(replace(GOOD, sharpness=6.0, open_skin=0.7))) == {Code.PARTED}


def test_dim_light_is_told_from_hair_that_hides_dark_skin() -> None:
    assert judge(replace(GOOD, skin_level=50)).finding(Code.EXPOSURE).ok is False
    assert bad(judge(replace(GOOD, skin_level=50, open_skin=0.1))) == {Code.PARTED}


def test_where_nothing_sharp_can_be_followed_nobody_is_told_to_hold_still() -> None:
    empty = judge(replace(GOOD, movement=None, sharpness=0.0, blurred=0.94))
    assert empty.finding(Code.MOTION).ok is None
    assert empty.first is empty.finding(Code.SHARPNESS)
    assert judge(replace(GOOD, movement=None)).finding(Code.MOTION).ok is False


def test_a_haze_that_is_not_saturated_is_glare() -> None:
    both = pair(SEEDS[0], "none")
    height, width = both.now.pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    haze = 90 * np.exp(-((x - 150) ** 2 + (y - 120) ** 2) / (2 * 60.0**2))
    hazy = np.clip(both.now.pixels + haze[..., None], 0, 245).astype(np.uint8)
    assert judge(look_at(Preview(hazy, PX_PER_MM, 0.0), None, followed=False)).finding(Code.GLARE).ok is False


def test_without_a_baseline_the_place_is_not_waited_for() -> None:
    view = judge(GOOD)
    assert view.finding(Code.SITE).ok is None
    assert not view.finding(Code.SITE).needed
    assert view.good_since == GOOD.taken
    assert view.first is None


def test_wet_clipped_hair_cannot_be_told_and_is_not_waited_for() -> None:
    dry = judge(replace(GOOD, wide_hair=0.7)).finding(Code.DRY)
    assert (dry.ok, dry.needed) == (None, False)
    assert judge(replace(GOOD, open_skin=0.1, wide_hair=0.7)).finding(Code.DRY).ok is False
    assert judge(replace(GOOD, open_skin=0.1, wide_hair=0.7, sharpness=5.0)).finding(Code.DRY).ok is True


@pytest.mark.parametrize(
    ("target", "ok", "sentence"),
    [
        (Target(True, sighting()), True, "gate.site-good"),
        (Target(True, sighting(right_mm=8.9)), True, "gate.site-good"),
        (Target(True, sighting(right_mm=9.1)), False, "gate.site-off"),
        (Target(True, None, 1), None, "gate.unknown"),
        (Target(True, None, 2), False, "gate.site"),
        (Target(True, sighting(accepted=False), 2), False, "gate.site"),
    ],
)
def test_the_place_follows_from_the_registration(target: Target, ok: bool | None, sentence: str) -> None:
    found = judge(GOOD, target).finding(Code.SITE)
    assert (found.ok, found.sentence) == (ok, sentence)


@pytest.mark.parametrize(
    ("scale", "ok", "sentence"),
    [
        (0.98, True, "gate.distance-good"),
        (0.96, False, "gate.distance-near"),
        (1.02, True, "gate.distance-good"),
        (1.04, False, "gate.distance-far"),
    ],
)
def test_the_distance_follows_from_the_registrations_scale(scale: float, ok: bool, sentence: str) -> None:
    found = judge(GOOD, Target(True, sighting(scale))).finding(Code.DISTANCE)
    assert (found.ok, found.sentence) == (ok, sentence)


def test_everything_must_be_good_for_half_a_second() -> None:
    view: GateView | None = None
    for number in range(7):
        view = judge(replace(GOOD, taken=number / 10), earlier=view)
        assert view.good_since == 0
        assert view.ready == (number >= 5)
    moved = judge(replace(GOOD, taken=0.7, movement=None), earlier=view)
    assert (moved.good_since, moved.ready) == (None, False)
    assert judge(replace(GOOD, taken=0.8), earlier=moved).good_since == 0.8


def test_a_gap_between_pictures_begins_anew() -> None:
    before = judge(replace(GOOD, taken=1.0))
    assert judge(replace(GOOD, taken=1.4), earlier=before).good_since == 1.0
    assert judge(replace(GOOD, taken=1.6), earlier=before).good_since == 1.6


def test_a_finer_preview_is_judged_by_the_same_limits() -> None:
    both = pair(SEEDS[0], "none")
    pixels = both.now.pixels.repeat(2, axis=0).repeat(2, axis=1)
    fine = look_at(Preview(pixels, 2 * PX_PER_MM, 0.0), None, followed=False)
    plain = look_at(replace(both.now, taken=0.0), None, followed=False)
    assert fine.open_skin == pytest.approx(plain.open_skin, abs=0.02)
    assert fine.sharpness == pytest.approx(plain.sharpness, rel=0.05)


def test_limits_are_all_in_the_file_with_a_reason(root: Path) -> None:
    import tomllib

    table = tomllib.loads((root / "station" / "capture" / "gate.toml").read_text("utf-8"))
    assert set(table) == {each.name for each in fields(Limits)}
    assert all(set(entry) == {"limit", "because"} and len(entry["because"]) > 30 for entry in table.values())
    assert load_limits().still_s == 0.5
