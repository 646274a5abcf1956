"""Back to the same place: whoever follows the arrows arrives, on the operator's screen and in the person's mirror."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from station.capture.gate_motion import Movement
from station.capture.guidance import GOAL, Arrow, Direction, Guidance, Side, Sighting, guidance
from station.capture.guidance_sight import live_constellation, sight
from station.density.engine import Engine
from station.density.model import load_model
from station.rig.preview import Preview
from station.trends.sentences import LANGUAGES
from station.values import Lamp
from station.world import World, simulated_person
from station.world.optics import Optics, Pose

MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
VIEW = Optics(4056, 3040, 135.0)
SIZE_MM = VIEW.size_mm
STEPS = 4


def similarity(pose: Pose, baseline: Pose) -> np.ndarray:
    """Points of a view to those of the baseline's, both in mm, from the poses themselves."""
    points = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    there = baseline.to_view(pose.to_site(points, VIEW), VIEW)
    matrix = np.eye(3)
    matrix[:2, 0], matrix[:2, 1] = (there[1] - there[0]) / 10, (there[2] - there[0]) / 10
    matrix[:2, 2] = there[0]
    return matrix


def found_at(pose: Pose, baseline: Pose) -> Sighting:
    return Sighting(similarity(pose, baseline), SIZE_MM, SIZE_MM, 1.0, True, 0.0)


def follow(world: World, way: Guidance, side: Side, rng: np.random.Generator) -> None:
    """Moves as the arrows say on that side's screen, each by a fifth too much or too little."""
    mirror = -1 if side is Side.PERSON else 1
    for arrow in way.arrows:
        amount = arrow.amount * float(rng.uniform(0.8, 1.2))
        right = mirror * {Direction.RIGHT: amount, Direction.LEFT: -amount}.get(arrow.direction, 0.0)
        down = {Direction.DOWN: amount, Direction.UP: -amount}.get(arrow.direction, 0.0)
        turn = mirror * {Direction.CLOCKWISE: amount, Direction.ANTICLOCKWISE: -amount}.get(arrow.direction, 0.0)
        world.move_by(right, down, turn)


def off_the_place(world: World, rng: np.random.Generator) -> None:
    angle, far = rng.uniform(0, 2 * math.pi), rng.uniform(5, 15)
    world.move_by(far * math.cos(angle), far * math.sin(angle), float(rng.uniform(-20, 20)))


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("seed", range(20))
def test_following_the_arrows_leads_back(seed: int, side: Side) -> None:
    rng = np.random.default_rng(seed)
    world = World(simulated_person("healthy", seed), VIEW, MOMENT.date())
    baseline = world.place_head("vertex", MOMENT)
    off_the_place(world, rng)
    assert found_at(world.pose, baseline).overlap < 0.85
    for _step in range(STEPS):
        way = guidance(found_at(world.pose, baseline), side)
        if way.reached:
            break
        assert way.arrows
        follow(world, way, side, rng)
    reached = guidance(found_at(world.pose, baseline), side)
    assert reached.overlap >= GOAL
    assert reached.arrows == ()


@pytest.mark.parametrize("seed", [31, 32])
def test_what_the_network_sees_in_the_preview_leads_back(seed: int) -> None:
    """The same with the real thing: live pictures, the network, the registration."""
    rng = np.random.default_rng(seed)
    world = World(simulated_person("healthy", seed), VIEW, MOMENT.date())
    engine = Engine(load_model("density"), threads=1)
    world.lamp = Lamp.CROSS
    baseline_pose = world.place_head("vertex", MOMENT)

    def look() -> Preview:
        return Preview(world.live(60.0, (1024, 768)), 1024 / SIZE_MM[0], 0.0)

    baseline = live_constellation(look(), engine)
    off_the_place(world, rng)
    seen: Sighting | None = None
    for _step in range(STEPS):
        seen = sight(look(), engine, baseline)
        assert seen.accepted
        true = found_at(world.pose, baseline_pose)
        assert seen.overlap == pytest.approx(true.overlap, abs=0.02)
        assert np.allclose(seen.to_baseline, true.to_baseline, atol=0.15)
        way = guidance(seen)
        if way.reached:
            break
        follow(world, way, Side.OPERATOR, rng)
    assert seen is not None
    assert seen.overlap >= GOAL
    world.place_head("occipital", MOMENT)
    assert not sight(look(), engine, baseline).accepted


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        # What is seen in the middle belongs 3 mm further right and 1 mm further up.
        ([[1, 0, 3], [0, 1, -1], [0, 0, 1]], [(Direction.RIGHT, 3.0), (Direction.UP, 1.0)]),
        ([[1, 0, -0.3], [0, 1, 4], [0, 0, 1]], [(Direction.DOWN, 4.0)]),
    ],
)
def test_arrows_say_which_way_what_is_seen_must_move(
    matrix: list[list[float]], expected: list[tuple[Direction, float]]
) -> None:
    way = guidance(Sighting(np.array(matrix, float), SIZE_MM, SIZE_MM, 1.0, True, 0.0))
    assert [(arrow.direction, pytest.approx(arrow.amount)) for arrow in way.arrows] == expected


def test_sentences_name_direction_and_amount() -> None:
    assert Arrow(Direction.LEFT, 3.2).sentence.text("en") == "Move 3\u00a0mm to the left."
    assert Arrow(Direction.UP, 0.84).sentence.text("en") == "Move 0.8\u00a0mm up."
    assert Arrow(Direction.ANTICLOCKWISE, 5.4).sentence.text("en") == "Turn 5° anticlockwise."
    for direction in Direction:
        assert len({Arrow(direction, 3.0).sentence.text(language) for language in LANGUAGES}) == len(LANGUAGES)


def test_overlap_is_the_shared_part_of_the_baselines_view() -> None:
    half = np.array([[1, 0, SIZE_MM[0] / 2], [0, 1, 0], [0, 0, 1.0]])
    assert Sighting(half, SIZE_MM, SIZE_MM, 1, True, 0).overlap == pytest.approx(0.5)
    assert Sighting(np.eye(3), SIZE_MM, SIZE_MM, 1, True, 0).overlap == pytest.approx(1.0)
    assert Sighting(half * (4, 4, 1) * (1, 1, 8), SIZE_MM, SIZE_MM, 1, True, 0).overlap == 0.0


def test_the_outline_lies_where_the_baselines_edges_are_seen() -> None:
    half = np.array([[1, 0, SIZE_MM[0] / 2], [0, 1, 0], [0, 0, 1.0]])
    outline = Sighting(half, SIZE_MM, SIZE_MM, 1, True, 0).outline()
    assert np.allclose(outline, [[-0.5, 0], [0.5, 0], [0.5, 1], [-0.5, 1]])


@pytest.mark.parametrize("step", [(2.0, -1.0, 0.0), (0.0, 0.0, 8.0), (-3.0, 2.0, -5.0)])
def test_between_registrations_the_sighting_moves_with_the_picture(step: tuple[float, float, float]) -> None:
    world = World(simulated_person("healthy", 1), VIEW, MOMENT.date())
    baseline = world.place_head("vertex", MOMENT)
    world.move_by(4.0, 3.0, 6.0)
    before = found_at(world.pose, baseline)
    world.move_by(*step)
    movement = Movement(step[0], step[1], math.radians(step[2]), 1.0, (SIZE_MM[0] / 2, SIZE_MM[1] / 2), 0.1)
    assert np.allclose(before.after(movement).to_baseline, found_at(world.pose, baseline).to_baseline, atol=1e-9)
