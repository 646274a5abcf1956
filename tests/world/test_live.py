"""The live view: fast, where the photograph is taken, and with all that can be wrong before a camera."""

from __future__ import annotations

import datetime as dt
import itertools
import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.values import Lamp
from station.world import HARSH, REPOSITIONED, STILL, LiveFaults, Optics, Pose, World, simulated_person
from station.world.motion import FARTHEST_MM, MOST_TURN_DEG, random_approach
from station.world.optics import motion_kernel, overlap

START = dt.date(2026, 1, 10)
MOMENT = dt.datetime.combine(START, dt.time(9))
REFERENCE = Optics(4056, 3040, 135.0)
FIELD = Optics(1014, 760, 33.75)
"""The reference rig's field at the preview's scale: a photograph can be laid on a frame of the live view."""
LATE_S = 20.0
"""By then every head is still."""


def world(seed: int = 3, optics: Optics = FIELD) -> World:
    made = World(simulated_person(STILL, seed), optics, START)
    made.lamp = Lamp.CROSS
    return made


@pytest.fixture(scope="module")
def here() -> World:
    made = world()
    made.place_head("vertex", MOMENT, 0, REPOSITIONED)
    made.live(LATE_S)
    return made


@pytest.fixture(autouse=True)
def healed(here: World) -> None:
    here.faults = LiveFaults()
    here.lamp = Lamp.CROSS


def grey(pixels: np.ndarray) -> np.ndarray:
    return pixels.mean(axis=2)


def sharpness(pixels: np.ndarray) -> float:
    return float(cv2.Laplacian(grey(pixels), cv2.CV_64F).var())


def shift_px(one: np.ndarray, other: np.ndarray) -> float:
    window = cv2.createHanningWindow(one.shape[1::-1], cv2.CV_64F)
    (dx, dy), _ = cv2.phaseCorrelate(grey(one) * 1.0, grey(other) * 1.0, window)
    return float(np.hypot(dx, dy))


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two pictures."""
    return float(np.corrcoef(grey(one).ravel(), grey(other).ravel())[0, 1])


def test_the_live_view_makes_thirty_frames_a_second_on_one_core() -> None:
    made = world(optics=REFERENCE)
    made.place_head("vertex", MOMENT)
    made.live(0.0)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        begun = time.process_time()
        frames = [made.live(elapsed) for elapsed in np.linspace(0, 8, 60)]
        spent = (time.process_time() - begun) / len(frames)
    finally:
        cv2.setNumThreads(threads)
    assert frames[0].shape == (760, 1014, 3)
    assert spent < 1 / 30


@pytest.mark.parametrize("elapsed", [0.0, 1.0, 3.0, LATE_S])
def test_a_photograph_shows_what_the_live_view_shows(here: World, elapsed: float) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    frame = here.live(elapsed)
    pixels, truth = here.expose()
    assert shift_px(frame, pixels) < 0.6
    assert alike(frame, pixels) > 0.8
    site = here.person.follicles("vertex", wide=True).root[truth.identity]
    assert truth.roots == pytest.approx(here.pose.to_view(site, FIELD), abs=1e-9)


def test_where_the_head_comes_to_rest_the_photograph_is_that_of_before() -> None:
    looked, not_looked = world(seed=6, optics=Optics(406, 304, 33.75)), world(seed=6, optics=Optics(406, 304, 33.75))
    for each in (looked, not_looked):
        each.place_head("frontal", MOMENT)
    for elapsed in (0.0, 2.0, LATE_S):
        looked.live(elapsed, (203, 152))
    assert np.array_equal(looked.expose()[0], not_looked.expose()[0])


def test_a_head_approaches_trembles_and_lies_still() -> None:
    starts = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rest = Pose(float(rng.uniform(-8, 8)), float(rng.uniform(-8, 8)), float(rng.normal(0, 8)))
        approach = random_approach(rng, rest)
        path = [approach.at(t).from_rest(rest) for t in np.linspace(0, LATE_S, 400)]
        shifts = np.array([(pose.dx_mm, pose.dy_mm) for pose in path])
        assert np.hypot(*shifts.T).max() < FARTHEST_MM + 1.5
        assert path[-1] == path[-2] == rest
        start = approach.start
        assert np.hypot(start.dx_mm, start.dy_mm) <= FARTHEST_MM
        assert abs(start.turn_deg) <= MOST_TURN_DEG
        assert abs(start.nearer - 1) > 0.04
        starts.append((start.dx_mm, start.dy_mm))
        trembling = [approach.at(t) for t in np.linspace(approach.approach_s, approach.approach_s + 1, 50)]
        assert 0.02 < np.std([offset.dx_mm for offset in trembling]) < 0.6
    assert np.std(starts, axis=0).min() > 2


def test_two_worlds_show_the_same_frames() -> None:
    frames = []
    for _ in range(2):
        made = world(optics=Optics(406, 304, 33.75))
        made.place_head("occipital", MOMENT, 2)
        frames.append(made.live(1.234, (203, 152)))
    assert np.array_equal(*frames)


@given(
    pose=st.builds(Pose, st.floats(-9, 9), st.floats(-9, 9), st.floats(-20, 20), st.floats(0.9, 1.1)),
    dx=st.floats(-8, 8),
    dy=st.floats(-8, 8),
    turn=st.floats(-15, 15),
    nearer=st.floats(0.9, 1.1),
)
@settings(max_examples=60, deadline=None)
def test_a_move_turns_about_the_middle_and_then_shifts(
    pose: Pose, dx: float, dy: float, turn: float, nearer: float
) -> None:
    points = np.array([[0.0, 0.0], [5.0, 1.0], [-3.0, 7.0]])
    middle = np.asarray(FIELD.size_mm) / 2
    angle = np.radians(turn)
    rotation = nearer * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = (pose.to_view(points, FIELD) - middle) @ rotation.T + middle + (dx, dy)
    assert pose.moved(dx, dy, turn, nearer).to_view(points, FIELD) == pytest.approx(expected, abs=1e-9)
    assert pose.to_site(pose.to_view(points, FIELD), FIELD) == pytest.approx(points, abs=1e-9)


def test_who_follows_the_arrows_comes_to_lie_on_the_baseline(here: World) -> None:
    """The arrows are those that a perfect registration would show: from the later view to the baseline's."""
    baseline = here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    wanted = here.expose()[0]
    later = here.place_head("vertex", MOMENT, 5, HARSH)
    here.live(2.0)
    here.hold_still()
    held = here.pose
    assert held != later
    here.live(LATE_S)
    assert here.pose == held
    before = overlap(baseline, held, FIELD)
    middle = np.asarray(FIELD.size_mm)[None] / 2
    plain = Pose(held.dx_mm, held.dy_mm, held.rotation_deg, held.scale)
    shift = (
        Pose(baseline.dx_mm, baseline.dy_mm, baseline.rotation_deg, baseline.scale).to_view(
            plain.to_site(middle, FIELD), FIELD
        )
        - middle
    )
    here.move_by(*shift[0], baseline.rotation_deg - held.rotation_deg, baseline.scale / held.scale)
    assert before < 0.8
    assert overlap(baseline, here.pose, FIELD) == pytest.approx(1.0, abs=1e-3)
    frame = here.live(LATE_S)
    # Another stretch of the skin, other light and other lengths of hair remain.
    assert shift_px(frame, wanted) < 0.4 * FIELD.px_per_mm


def test_overlap_is_the_shared_part_of_the_view() -> None:
    width, height = FIELD.size_mm
    assert overlap(Pose(), Pose(), FIELD) == pytest.approx(1.0)
    assert overlap(Pose(), Pose(width / 4, 0.0), FIELD) == pytest.approx(0.75, abs=1e-3)
    assert overlap(Pose(), Pose(0.0, -height / 2), FIELD) == pytest.approx(0.5, abs=1e-3)
    assert overlap(Pose(), Pose(scale=2.0), FIELD) == pytest.approx(0.25, abs=1e-3)
    assert overlap(Pose(), Pose(2 * width, 0.0), FIELD) == 0.0


def test_motion_defocus_and_a_wrong_distance_blur(here: World) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    good = sharpness(here.live(LATE_S))
    for faults in (LiveFaults(defocus_mm=0.1), LiveFaults(distance=1.2), LiveFaults(distance=0.8)):
        here.faults = faults
        assert sharpness(here.live(LATE_S)) < 0.4 * good, faults
        assert sharpness(here.expose()[0]) < 0.6 * good, faults
    here.faults = LiveFaults(motion_mm=1.0)
    frames = [here.live(LATE_S + step / 15) for step in range(8)]
    assert np.median([sharpness(frame) for frame in frames]) < 0.75 * good
    assert np.median([shift_px(a, b) for a, b in itertools.pairwise(frames)]) > 5


def test_a_wrong_distance_changes_the_scale(here: World) -> None:
    rest = here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    for distance in (0.8, 1.2):
        here.faults = LiveFaults(distance=distance)
        here.live(LATE_S)
        assert here.pose.scale == pytest.approx(rest.scale * distance)


def test_light_can_be_too_weak_too_strong_or_thrown_back(here: World) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    good = here.live(LATE_S)
    here.faults = LiveFaults(exposure=0.3)
    assert here.live(LATE_S).mean() == pytest.approx(0.3 * good.mean(), rel=0.08)
    assert here.expose()[0].mean() < 0.4 * good.mean()
    here.faults = LiveFaults(exposure=5.0)
    assert np.mean(here.live(LATE_S).max(axis=2) == 255) > 0.5
    here.faults = LiveFaults(glare=0.8)
    for pixels in (here.live(LATE_S), here.expose()[0]):
        burnt = pixels.min(axis=2) > 250
        assert 0.02 < burnt.mean() < 0.4
    assert np.mean(good.min(axis=2) > 250) < 0.001


def test_unparted_hair_covers_the_scalp(here: World) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    good = grey(here.live(LATE_S))
    skin = np.percentile(good, 80)
    here.faults = LiveFaults(unparted=True)
    covered = grey(here.live(LATE_S))
    assert np.mean(good > 0.8 * skin) > 0.6
    assert np.mean(covered > 0.8 * skin) < 0.1


def test_wet_hair_clumps_and_shines(here: World) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    good, dry = here.live(LATE_S), here.truth()
    here.faults = LiveFaults(wet=0.9)
    wet_frame, wet = here.live(LATE_S), here.truth()
    shining = np.percentile(grey(good), 80) + 40
    assert np.mean(grey(wet_frame) > shining) > 5 * np.mean(grey(good) > shining)

    def nearest(points: np.ndarray) -> float:
        apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        return float(np.median(np.sort(apart, axis=1)[:, 3]))

    assert nearest(wet.tips) < 0.9 * nearest(dry.tips)
    assert nearest(wet.roots) == pytest.approx(nearest(dry.roots), rel=0.1)


def test_a_wrong_site_shows_other_hairs(here: World) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    right, hairs = here.live(LATE_S), here.truth()
    here.faults = LiveFaults(wrong_site=True)
    wrong, others = here.live(LATE_S), here.truth()
    assert alike(right, wrong) < 0.15
    assert shift_px(wrong, here.expose()[0]) < 0.6
    assert len(others.roots) > 100
    assert not np.array_equal(hairs.roots[:50], others.roots[:50])


@pytest.mark.parametrize("lamp", [Lamp.CROSS, Lamp.OFF])
def test_nobody_is_there(here: World, lamp: Lamp) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    here.lamp, here.faults = lamp, LiveFaults(no_head=True)
    frame, (pixels, truth) = here.live(LATE_S), here.expose()
    assert frame.shape == pixels.shape
    assert len(truth.roots) == 0
    for picture in (frame, pixels):
        assert picture.mean() < 60
        assert sharpness(cv2.GaussianBlur(picture, (0, 0), 4)) < 0.1


def test_before_the_first_placement_nobody_is_there() -> None:
    empty = world()
    first = empty.live(0.0)
    empty.faults = LiveFaults(no_head=True)
    assert np.array_equal(first, empty.live(0.0))


def test_without_the_lamp_the_live_view_is_dark(here: World) -> None:
    here.lamp = Lamp.OFF
    assert here.live(LATE_S).mean() < 8


def test_frames_differ_by_their_noise(here: World) -> None:
    here.place_head("vertex", MOMENT, 0, REPOSITIONED)
    first, second = (here.live(LATE_S + t).astype(float) for t in (0.0, 0.1))
    assert 0.5 < np.std(first - second) < 4


def test_a_movement_is_spread_over_its_way() -> None:
    assert motion_kernel(1.0, 0.5) is None
    kernel = motion_kernel(9.0, -6.0)
    assert kernel is not None
    assert kernel.sum() == pytest.approx(1.0, abs=1e-5)
    row, column = np.mgrid[: kernel.shape[0], : kernel.shape[1]] - np.array(kernel.shape)[:, None, None] // 2
    assert float((kernel * row).sum()) == pytest.approx(0.0, abs=1e-4)
    covariance = float((kernel * row * column).sum()) / np.sqrt(
        float((kernel * row**2).sum()) * float((kernel * column**2).sum())
    )
    assert covariance < -0.95
    assert float((kernel * column**2).sum()) == pytest.approx(81 / 12, rel=0.15)
