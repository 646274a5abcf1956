"""The demonstration: a simulated person's year, captured by the real capture path and measured by the real pipeline.

A demonstration folder is recognised by its plan file. The plan fixes person and dates when the demonstration begins,
so a later start goes on where an earlier one was ended, and finds the same heads.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from station.calibration.profile import nominal
from station.capture.protocol import Protocol, load_protocol
from station.capture.session import CaptureSession, Place, size_to_reserve
from station.clock import Clock, SimulatedClock, months_after
from station.errors import RecordError, StationError, StorageError, UsageError
from station.imaging import write_durably
from station.records.database import real_persons
from station.records.folder import CACHE, DATABASE, IMAGES, DataFolder
from station.records.images import ImageFolder, files_below, make_folder, storage_error
from station.records.photograph import check
from station.records.rows import CaptureState, PersonRow
from station.records.store import Records
from station.rig.profile import load_profile
from station.rig.simulated import simulated_rig
from station.service.health_record import HealthRecord
from station.service.queue import MeasuringQueue
from station.service.scenario import enter, load_scenario
from station.service.views import Progress
from station.settings import Settings

PLAN = "demonstration.json"
FORMAT = "station-demonstration/2"
RIG = "demo"
MONTHS = 12
BACKLOG = 2
"""Photographs that may wait while the next is rendered: rendering and measuring overlap, and visits stay in order."""

FRAME_INTERVAL = dt.timedelta(seconds=20)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What a demonstration shows. scenario: name; last_visit: ISO time of the visit of month 12, in UTC."""

    scenario: str
    seed: int
    last_visit: str
    format: str = FORMAT

    def moments(self) -> tuple[dt.datetime, ...]:
        """Beginning of each visit, from the baseline to month 12."""
        last = dt.datetime.fromisoformat(self.last_visit)
        return tuple(months_after(last, month - MONTHS) for month in range(MONTHS + 1))


def read_plan(folder: Path) -> DemoPlan | None:
    """The plan of a demonstration folder; None for any other folder. Raises StorageError for a damaged one."""
    path = folder / PLAN
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if "course" in content:  # station-demonstration/1, whose courses have the names of the scenarios
            content = {"scenario": content.pop("course"), **content, "format": FORMAT}
        plan = DemoPlan(**content)
        plan.moments()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StorageError(
            f"{path}: the demonstration's plan cannot be read ({error}); begin anew with --fresh."
        ) from error
    return plan


def demo_settings(settings: Settings) -> Settings:
    """The settings under which the demonstration runs: its own folder, the simulated camera, the smaller rig."""
    return replace(settings, data_folder=settings.demo_folder, camera_driver="simulated", rig_profile=RIG)


def simulation(settings: Settings) -> tuple[Settings, dt.date | None]:
    """For a demonstration's folder the settings of its own simulated rig and person, and the day on which the person's
    course began; other settings as they are, and None. Raises StorageError for a damaged plan."""
    plan = read_plan(settings.data_folder)
    if plan is None:
        return settings, None
    own = replace(
        demo_settings(settings), data_folder=settings.data_folder, demo_scenario=plan.scenario, demo_seed=plan.seed
    )
    return own, plan.moments()[0].date()


def prepare_demo(settings: Settings, clock: Clock, *, fresh: bool, asked: str | None = None) -> None:
    """Makes `settings.data_folder` a demonstration folder, or leaves it as one that was begun earlier.

    fresh: begins anew, which deletes what a demonstration made, and only in a folder that is one. asked: the scenario
    that was asked for by name; a folder that shows another one is left alone with a UsageError. Raises StorageError
    for a folder that holds anything else, also for a demonstration's that holds real photographs, and
    for one that another station works in.
    """
    folder = settings.data_folder
    known = (folder / PLAN).exists()
    if known and not fresh:
        plan = read_plan(folder)
        if asked is not None and plan is not None and plan.scenario != asked:
            raise UsageError(
                f"{folder} shows the scenario {plan.scenario}: name another folder with --data to keep it, or begin "
                "anew with --fresh."
            )
        return
    if known:
        lock = DataFolder(folder)
        try:
            _refuse_real_persons(folder)
            _clear(folder)
        finally:
            lock.close()
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StorageError(f"{folder}: this is no demonstration folder; name an empty or new one with --data.")
    make_folder(folder)
    last = (clock.now().utc - dt.timedelta(hours=1)).replace(microsecond=0)
    plan = DemoPlan(settings.demo_scenario, settings.demo_seed, last.isoformat())
    write_durably(folder / PLAN, json.dumps(asdict(plan), indent=1).encode())


def refuse_demonstration(settings: Settings) -> None:
    """Raises UsageError when the data folder is a demonstration's: real photographs never go there."""
    folder = settings.data_folder
    if (folder / PLAN).exists():
        raise UsageError(
            f"{folder} is a demonstration's folder, which `station demo --fresh` empties: name another with --data."
        )


def _refuse_real_persons(folder: Path) -> None:
    """Raises StorageError when a demonstration's folder holds anyone's real photographs, on record or not."""
    database, images = folder / DATABASE, folder / IMAGES
    try:
        persons = real_persons(database) if database.exists() else 0
    except RecordError:
        persons = 0  # a damaged record; the photographs say themselves whose they are
    if persons or any(_is_real(images / name) for name in files_below(images)):
        raise StorageError(
            f"{folder} holds real photographs beside the demonstration's; nothing was deleted. Move them to a folder "
            "of their own, or name another folder with --data."
        )


def _is_real(path: Path) -> bool:
    """True for a whole photograph of a person who is not a demonstration's."""
    try:
        return not check(path.read_bytes()).header.demonstration
    except (OSError, ValueError):
        return False


def _clear(folder: Path) -> None:
    """Deletes what a demonstration made, and leaves its plan: an interrupted clearing can be repeated."""
    try:
        for name in (IMAGES, CACHE):
            if (folder / name).exists():
                shutil.rmtree(folder / name)
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error


class DemoBuilder:
    """Captures the visits that are still missing, in the order of time, while the queue measures them."""

    def __init__(
        self,
        plan: DemoPlan,
        settings: Settings,
        records: Records,
        images: ImageFolder,
        queue: MeasuringQueue,
        health: HealthRecord,
    ) -> None:
        self._plan = plan
        self._settings = settings
        self._keep_free = settings.storage_reserve_mb * 1_000_000
        self._records = records
        self._images = images
        self._queue = queue
        self._health = health
        self._protocol = self._protocol_so_far()
        self._moments = plan.moments()
        self._total = sum(self._protocol.frames(number + 1) for number in range(len(self._moments))) * len(
            self._protocol.sites
        )
        self._ended = threading.Event()
        self._error = ""
        self._thread = threading.Thread(target=self._work, name="demonstration", daemon=True)
        self._began = 0.0
        self._done_before = 0

    def start(self) -> None:
        """Begins in the background."""
        person = self._person(SimulatedClock(self._moments[0]))  # the start page leads to it from the first request on
        if not self._done():  # later starts leave alone what was changed on the pages meanwhile
            enter(load_scenario(self._plan.scenario), self._health, person.code, self._moments[0].date())
        self._began = time.monotonic()
        self._done_before = self._done()
        self._thread.start()

    def stop(self) -> None:
        """Ends after the photograph in hand."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def check_room(self) -> None:
        """Raises StorageError when the next photograph would find no room; a finished year needs none."""
        if self._done() < self._total:
            self._images.check_room(size_to_reserve(load_profile(RIG)), self._keep_free)

    def progress(self) -> Progress:
        """Photographs measured, of all that the year has."""
        done = self._done()
        error = self._error or self._queue.error
        running = done < self._total and not error and not self._ended.is_set()
        if not running:
            text = "The whole year is measured." if done >= self._total else "The demonstration is not complete."
            return Progress(False, done, self._total, text, error)
        measured = done - self._done_before
        elapsed = time.monotonic() - self._began
        eta = elapsed / measured * (self._total - done) if measured >= 3 else None
        visit = self._visit_of(done)
        text = f"Visit {visit} of {len(self._moments)} is being captured and measured."
        return Progress(True, done, self._total, text, "", eta)

    def _protocol_so_far(self) -> Protocol:
        """That of the visits on record, so that a year which was begun by an earlier version stays one series."""
        for person in self._records.persons():
            visits = self._records.visits(person.code) if person.demonstration else ()
            if visits:
                return load_protocol(visits[-1].protocol)
        return load_protocol()

    def _done(self) -> int:
        counts = self._records.counts(demonstration=True)
        return counts[CaptureState.MEASURED] + counts[CaptureState.FAILED]

    def _visit_of(self, done: int) -> int:
        """Number of the visit that the next photograph belongs to."""
        for index in range(len(self._moments)):
            done -= self._protocol.frames(index + 1) * len(self._protocol.sites)
            if done < 0:
                return index + 1
        return len(self._moments)

    def _work(self) -> None:
        try:
            self._capture_what_is_missing()
        except StationError as error:
            self._error = error.operator
            log.error("the demonstration waits: %s", error.operator)
        except Exception as error:  # the page must say it, whatever it was
            self._error = f"The demonstration stopped: {error!r}."
            log.exception("the demonstration failed")

    def _capture_what_is_missing(self) -> None:
        clock = SimulatedClock(self._moments[0])
        profile = load_profile(RIG)
        rig = simulated_rig(profile, clock, self._plan.scenario, self._plan.seed, self._moments[0].date())
        session = CaptureSession(
            rig=rig,
            calibration=nominal(profile),
            protocol=self._protocol,
            records=self._records,
            images=self._images,
            quality=self._settings.image_jpeg_quality,
            keep_free=self._keep_free,
        )
        person = self._person(clock)
        there = {(row.visit, row.site, row.frame) for row in self._records.captures(person.code)}
        try:
            for index, place in self._places(person):
                if (place.visit, place.site, place.frame) in there:
                    continue
                while len(self._records.pending()) >= BACKLOG and not self._ended.wait(0.05):
                    continue
                if self._ended.is_set():
                    return
                clock.moment = self._moments[place.visit - 1] + index * FRAME_INTERVAL
                rig.place(place.site, clock.moment, place.frame - 1)
                session.capture_frame(place)
                self._queue.announce()
        finally:
            rig.close()

    def _person(self, clock: Clock) -> PersonRow:
        for person in self._records.persons():
            if person.demonstration:
                return person
        return self._records.new_person(clock.now(), demonstration=True)

    def _places(self, person: PersonRow) -> Iterator[tuple[int, Place]]:
        """Every photograph of the year in the order of time, with its number within its visit."""
        for visit in range(1, len(self._moments) + 1):
            places = [
                Place(person, visit, site.id, frame)
                for site in self._protocol.sites
                for frame in range(1, self._protocol.frames(visit) + 1)
            ]
            yield from enumerate(places)
