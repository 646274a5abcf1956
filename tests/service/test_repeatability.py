"""Repeats at a small simulated rig: the head is put back, photographs differ by noise alone, none of them is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from station.capture.protocol import Site, load_protocol
from station.clock import SimulatedClock
from station.errors import UncountableError
from station.records.repeatability import RepeatabilityRow
from station.rig.build import open_rig
from station.rig.protocols import Rig
from station.service import course
from station.service.engine import load_engine
from station.service.person_record import repeatability_of, station_errors
from station.service.repeatability import Design, Hands, run
from station.service.repeatability_view import payload, repeatability_view
from station.service.station import Station
from station.trends.error import DEFAULT_CV
from station.values import Controls, Frame, Lamp
from tests.records.test_repeatability import ROW

VERTEX = load_protocol().site("vertex")


@pytest.fixture
def hands(station: Station, clock: SimulatedClock) -> Iterator[Hands]:
    rig = open_rig(station.settings, clock)
    yield Hands(rig, load_engine(station.settings), clock, 30.0)
    rig.close()


def test_a_site_is_repeated_and_every_photograph_counted(hands: Hands, station: Station, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []

    def ready(site: Site, repeat: int) -> None:
        told.append((site.id, repeat))

    outcome = run(Design((VERTEX,), 4, 2, simulated=True), hands, ready, station.records.repeatability.add)
    (row,) = outcome.rows
    assert told == [("vertex", repeat) for repeat in (1, 2, 3, 4)]
    assert [len(repeat) for repeat in row.hairs] == [len(repeat) for repeat in row.fu] == [2] * 4
    assert len({repeat[0] for repeat in row.hairs}) > 1, "the head lies differently each time"
    assert station.records.repeatability.of("small", row.model_sha256, simulated=True) == outcome.rows
    assert list((tmp_path / "data").rglob("*.jpg")) == [], "photographs are not kept"
    assert station.records.persons() == ()
    figures = payload(_view(outcome.rows, station))["sites"]["vertex"]
    assert len(row.matched) + row.refused == 1, "two repeats stand for a visit, and the next two for another"
    assert 0 <= figures["reposition_cv_pct"] <= figures["visit_cv_pct"] < 20
    assert figures["visit_cv_pct"] < figures["mdc95_pct"]


def test_photographs_without_moving_differ_by_noise_alone(hands: Hands, clock: SimulatedClock) -> None:
    rig = hands.rig
    rig.place("vertex", clock.now().utc, 1)
    rig.light.switch(Lamp.CROSS)
    first, second = (rig.camera.expose(Controls(), Lamp.CROSS).pixels.astype(float) for _ in range(2))
    rig.place("vertex", clock.now().utc, 2)
    moved = rig.camera.expose(Controls(), Lamp.CROSS).pixels.astype(float)
    noise = np.abs(first - second).mean()
    assert 0 < noise < 4
    assert np.abs(first - moved).mean() > 2 * noise


class Blinded:
    """A rig's camera that shows nothing at some exposures."""

    def __init__(self, rig: Rig, dark: frozenset[int]) -> None:
        self._camera = rig.camera
        self._dark = dark
        self._taken = 0

    def expose(self, controls: Controls, lamp: Lamp) -> Frame:
        frame = self._camera.expose(controls, lamp)
        self._taken += 1
        return replace(frame, pixels=np.zeros_like(frame.pixels)) if self._taken in self._dark else frame

    unavailable: tuple[str, ...] = ()

    def describe(self) -> str:
        return "a camera that is covered now and then"

    def close(self) -> None:
        self._camera.close()


def blinded(hands: Hands, *dark: int) -> Hands:
    return replace(hands, rig=replace(hands.rig, camera=Blinded(hands.rig, frozenset(dark))))


def test_a_photograph_that_cannot_be_counted_is_named_and_left_out(hands: Hands) -> None:
    outcome = run(Design((VERTEX,), 3, 2), blinded(hands, 2, 3, 4), lambda *_: None, lambda _: None)
    assert [len(repeat) for repeat in outcome.rows[0].hairs] == [1, 2]
    assert len(outcome.failures) == 3
    assert outcome.failures[0].startswith("Vertex: ")


def test_too_few_repeats_are_refused_and_what_was_done_before_is_kept(hands: Hands) -> None:
    kept: list[RepeatabilityRow] = []
    sites = (VERTEX, load_protocol().site("frontal"))
    with pytest.raises(UncountableError, match="Frontal: fewer than two repeats"):
        run(Design(sites, 2, 1), blinded(hands, 3), lambda *_: None, kept.append)
    assert [row.site for row in kept] == ["vertex"]


def runs(count: int, *, person: str = "", simulated: bool = False) -> RepeatabilityRow:
    hairs = tuple((160.0 + 2 * (i % 3),) for i in range(count))
    return replace(ROW, person=person, simulated=simulated, hairs=hairs, fu=hairs, rig_id="small")


def test_trends_reckon_with_runs_as_soon_as_there_are_ten_pairs(station: Station) -> None:
    records, sha256 = station.records, ROW.model_sha256
    code = records.new_person(station.clock.now()).code
    records.repeatability.add(runs(6))
    before = repeatability_of(records, code, "small", sha256).hairs
    assert (before.measured, before.cv, before.pairs) == (False, DEFAULT_CV, 5)
    records.repeatability.add(runs(6, person=code))
    after = repeatability_of(records, code, "small", sha256).hairs
    assert (after.measured, after.pairs) == (True, 10)
    assert after.cv == pytest.approx(np.std(np.log([160, 162, 164] * 2), ddof=1), rel=0.01)
    assert repeatability_of(records, code, "other", sha256).hairs.pairs == 0


def test_a_simulated_rig_counts_for_the_demonstrations_person_alone(station: Station) -> None:
    records = station.records
    real = records.new_person(station.clock.now()).code
    shown = records.new_person(station.clock.now(), demonstration=True).code
    records.repeatability.add(runs(12, simulated=True))
    assert repeatability_of(records, real, "small", ROW.model_sha256).hairs.pairs == 0
    assert repeatability_of(records, shown, "small", ROW.model_sha256).hairs.measured
    assert station_errors(records, "small", ROW.model_sha256, simulated=True).hairs.pairs == 11


def _view(rows: tuple[RepeatabilityRow, ...], station: Station):  # type: ignore[no-untyped-def]
    errors = course.repeatability((), rows)
    return repeatability_view(
        rows, errors, station.protocol, person="", rig="Small rig", model="density", simulated=True
    )


def test_the_default_is_shown_as_such_until_it_is_measured(station: Station) -> None:
    told = payload(_view((runs(6),), station))
    assert told["in_use"]["hairs"]["default"] is True
    assert told["in_use"]["hairs"]["cv_pct"] == 7
    assert "The default of 7" in told["in_use"]["hairs"]["source"]["text"]
    assert told["all"]["enough"] is False
    assert told["all"]["icc"] is None
    measured = payload(_view((runs(12),), station))
    assert measured["in_use"]["hairs"]["default"] is False
    assert measured["in_use"]["hairs"]["visit_mdc95_pct"] < told["in_use"]["hairs"]["visit_mdc95_pct"]


def test_nothing_measured_is_said_so(station: Station) -> None:
    told = payload(_view((), station))
    assert (told["all"], told["sites"]) == (None, {})
    assert told["in_use"]["fu"]["default"] is True


def test_sites_stand_apart_and_are_pooled_in_all(station: Station) -> None:
    other = replace(runs(5), site="frontal", hairs=tuple((120.0 + i,) for i in range(5)))
    told = payload(_view((runs(6), other), station))
    assert list(told["sites"]) == ["frontal", "vertex"]
    assert told["all"]["pairs"] == 9
    assert told["all"]["icc"] > 0.9
    assert told["sites"]["vertex"]["icc"] is None
