"""The station as one object: it opens everything, and answers what pages and commands ask."""

from __future__ import annotations

import logging
import threading
from typing import Any

import station
from station.capture.guidance import Side
from station.capture.protocol import Protocol, load_protocol
from station.capture.refusal import refuse
from station.clock import Clock
from station.density.engine import Engine
from station.density.model import card_text
from station.errors import ModelError, NotFoundError, StorageError, UsageError
from station.health.doctor import examine
from station.health.finding import Finding
from station.records.erase import Erased, erase, finish_erasures
from station.records.folder import DataFolder, secret
from station.records.images import ImageFolder
from station.records.recovery import recover
from station.records.rows import CaptureRow, CaptureState, PersonRow
from station.records.store import Records
from station.rig.build import rig_profile
from station.rig.profile import RigProfile
from station.rig.protocols import Rig
from station.service import course
from station.service.comparing import Comparing
from station.service.comparison_view import ComparisonView
from station.service.demo import DemoBuilder, DemoPlan, read_plan, refuse_demonstration
from station.service.engine import load_engine
from station.service.global_views import GlobalViews
from station.service.health_record import HealthRecord
from station.service.live import Live
from station.service.live_place import locator
from station.service.live_rig import ShownRig
from station.service.pairs import Pairs
from station.service.person_record import person_record, repeatability_of
from station.service.pictures import PictureCache, derived_from, map_overlay, sized
from station.service.place_check import PlaceChecker
from station.service.points import points_view
from station.service.queue import MeasuringQueue
from station.service.quick_desk import QuickDesk
from station.service.repeatability_view import RepeatabilityView, told_repeatability
from station.service.sessions import Sessions
from station.service.stage import LiveStage
from station.service.taking import Taking
from station.service.trends import Findings, findings
from station.service.views import AboutView, CaptureView, PersonView, Progress, VisitView
from station.settings import Settings
from station.trends.inputs import PersonRecord
from station.trends.ladder import ladder

MAP_KINDS = ("fu", "hairs")
ROOM_FOR_MEASUREMENTS = 2_000_000
"""Bytes: a few measurements in the write-ahead log and in the database. The room that captures keep free
(storage.reserve_mb) is another matter: pages and measuring go on without it."""

log = logging.getLogger(__name__)


class Station:
    """One station over one data folder. Any thread may use it; `close` ends its background work.

    Opening it takes what an interruption left behind into the record. Raises StorageError when the data folder
    cannot be used or another station works in it, RecordError when the database is damaged, SettingsError for an
    unknown rig profile.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.profile: RigProfile = rig_profile(settings)
        self._folder = DataFolder(settings.data_folder)
        try:
            self.records = Records(self._folder.database)
            self.images = ImageFolder(self._folder.images)
            self._plan: DemoPlan | None = read_plan(settings.data_folder)
            self._cache = PictureCache(self._folder.cache, settings.cache_limit_mb * 1_000_000)
            self._finish_erasures()
            self.recovery = recover(self.records, self.images)
        except BaseException:
            self._folder.close()
            raise
        if self.recovery.sentence:
            log.warning("%s", self.recovery.sentence)
        self._engine: Engine | None = None
        self._engine_lock = threading.Lock()
        self.comparing = Comparing(self.records, clock)
        self.queue = MeasuringQueue(
            self.records, self.images, self.engine, clock, settings.calibre_thin_um, self.comparing
        )
        self._builder: DemoBuilder | None = None
        self._shown_rig = ShownRig(settings, clock, self._plan)
        self.live = Live(
            self._shown_rig,
            locator(self.engine),
            lamp_limit_s=settings.live_lamp_limit_s,
            side=Side(settings.live_side),
        )
        self.taking = Taking(self.records, self.images, settings, clock)
        stage = LiveStage(self.live, self._shown_rig, self.taking)
        self.sessions = Sessions(
            self.taking,
            self.profile.id,
            stage,
            self.queue.announce,
            self._check_session,
            PlaceChecker(self.records),
        )
        self.views = GlobalViews(self.taking, self.sessions)
        self.quick = QuickDesk(
            stage,
            self.profile,
            self.engine,
            clock,
            settings.calibre_thin_um,
            lambda: self.sessions.resume() is not None,
        )
        self._pairs = Pairs(self.records, self.comparing, self._cache, self._original)

    def check_ready(self) -> None:
        """Raises ModelError or StorageError when nothing could be measured or stored: better said before the start.

        The engine is loaded, and there must be room for measurements; in a demonstration folder for the photographs
        that are still missing as well.
        """
        self.engine()
        if self._plan is not None:
            self._new_builder(self._plan).check_room()
        self.images.check_room(
            ROOM_FOR_MEASUREMENTS, 0, "measurements need {needed:.0f} MB. Free some space and try again."
        )

    def _new_builder(self, plan: DemoPlan) -> DemoBuilder:
        return DemoBuilder(plan, self.settings, self.records, self.images, self.queue, self.health_record)

    def start(self) -> None:
        """Begins the background work: measuring, and in a demonstration folder the visits that are still missing."""
        self.queue.start()
        self.sessions.start()
        if self._plan is not None:
            self._builder = self._new_builder(self._plan)
            self._builder.start()

    def close(self) -> None:
        """Ends the background work after the photograph in hand, and closes everything. May be called twice."""
        self.sessions.close()
        self.quick.end()
        self.live.close()
        self._shown_rig.close()
        if self._builder is not None:
            self._builder.stop()
        self.queue.stop()
        self.records.close()
        self._folder.close()

    def engine(self) -> Engine:
        """The engine, loaded and checked against its golden vectors when first needed. Raises ModelError."""
        with self._engine_lock:
            if self._engine is None:
                self._engine = load_engine(self.settings)
            return self._engine

    def about(self) -> AboutView:
        """What the station runs on. A model that does not work is described by its error."""
        try:
            engine = self.engine()
            model, sha256, name = engine.model.label, engine.model.sha256, engine.name
        except ModelError as error:
            model, sha256, name = error.operator, "", ""
        return AboutView(
            software=f"hair-density-station {station.__version__}",
            model=model,
            model_sha256=sha256,
            engine=name,
            model_card_markdown=card_text(self.settings.density_model),
            data_folder=str(self.settings.data_folder),
            rig=self.profile.name,
            rig_note=self.profile.note,
        )

    def demo_code(self) -> str | None:
        """Code of the demonstration person; None outside the demonstration."""
        if self._plan is None:
            return None
        return next((row.code for row in self.records.persons() if row.demonstration), None)

    def person(self, code: str) -> PersonView:
        """A person with the course over all visits. Raises NotFoundError."""
        row = self.records.person(code)
        captures = self.records.captures(code)
        now = ladder(self.person_record(code))
        view = course.course_view(self.records.visits(code), captures, self._errors(captures), load_protocol, now)
        label = "Demonstration person" if row.demonstration else f"Person {row.code}"
        return PersonView(row.code, label, row.demonstration, view)

    def visit(self, code: str, number: int) -> VisitView:
        """One visit with its sites. Raises NotFoundError."""
        for row in self.records.visits(code):
            if row.number == number:
                captures = self.records.captures(code)
                own = [each for each in captures if each.visit == number]
                return course.visit_view(row, own, self._errors(captures), load_protocol(row.protocol))
        raise NotFoundError(f"There is no visit {number} of person {code}.", person="This visit is not on record.")

    def captures(self, code: str, number: int, site: str) -> tuple[CaptureView, ...]:
        """The photographs of one site of one visit, in the order in which they were taken. Raises NotFoundError."""
        if self.visit(code, number).site(site) is None:
            raise NotFoundError(f"There is no site {site!r} in the protocol.", person="This site is not on record.")
        fu_max, hairs_max = self.settings.map_max_fu_per_cm2, self.settings.map_max_hairs_per_cm2
        return tuple(course.capture_view(row, fu_max, hairs_max) for row in self.records.captures(code, number, site))

    def photo(self, capture_id: int, width: int | None = None) -> bytes:
        """A photograph as JPEG; width: at most this many pixels wide. Raises NotFoundError, StorageError."""
        row = self.records.capture(capture_id)
        if width is None or width >= row.image.width_px:
            return self._original(row)
        key = f"photo-{derived_from(row.image.sha256)}-{width}.jpg"
        return self._cache.get(key, lambda: sized(self._original(row), width))

    def map_png(self, capture_id: int, kind: str = "fu") -> bytes:
        """The density map as a transparent PNG of the photograph's aspect. kind: "fu" or "hairs".

        The colours mean the same for all visits. Raises NotFoundError until the photograph is measured, UsageError.
        """
        if kind not in MAP_KINDS:
            raise UsageError(f"There is no map of {kind!r}; there are {' and '.join(MAP_KINDS)}.")
        row = self.records.capture(capture_id)
        high = self.settings.map_max_fu_per_cm2 if kind == "fu" else self.settings.map_max_hairs_per_cm2
        number = row.measurement.measurement_id if row.measurement else 0
        key = f"map-{kind}-{derived_from(row.image.sha256)}-{number}-{high:g}.png"
        return self._cache.get(key, lambda: map_overlay(row, self.records.detail(capture_id), kind, high))

    def points(self, capture_id: int) -> dict[str, Any]:
        """Hair roots and follicular units of one photograph, see `points_view`. Raises NotFoundError."""
        return points_view(self.records.capture(capture_id), self.records.detail(capture_id))

    def progress(self) -> Progress:
        """The work under way."""
        if self._builder is not None:
            return self._builder.progress()
        counts = self.records.counts()
        waiting = counts[CaptureState.CAPTURED]
        text = f"{waiting} photographs wait to be measured." if waiting else "Everything is measured."
        return Progress(
            waiting > 0 and self.queue.running,
            sum(counts.values()) - waiting,
            sum(counts.values()),
            text,
            self.queue.error,
        )

    def health(self) -> tuple[Finding, ...]:
        """What the doctor finds; see `station.health.doctor`."""
        return examine(self.settings, self.clock)

    @property
    def protocol(self) -> Protocol:
        """The protocol that new series are recorded with."""
        return load_protocol()

    def new_person(self) -> PersonRow:
        """Someone under a new code, who is entered into the record with the first photograph."""
        return PersonRow(0, self.records.unused_code(), False)

    def capture(self, rig: Rig, person: PersonRow, site: str) -> int:
        """Takes one photograph of a site in the visit of today, and returns its capture id; see `Taking.take`."""
        now = self.clock.now()
        visit = self.records.visit_at(person.code, now)
        return self.taking.take(rig, person, visit, site, self.protocol_of(person, visit))

    def protocol_of(self, person: PersonRow, visit: int) -> Protocol:
        """What a visit of a person follows: its own protocol if it is on record, that of the visits before it
        otherwise, and the newest one where there is none."""
        visits = self.records.visits(person.code) if person.person_id else ()
        earlier = [row.protocol for row in visits if row.number <= visit]
        return load_protocol(earlier[-1]) if earlier else self.protocol

    @property
    def health_record(self) -> HealthRecord:
        """The health record of everyone."""
        return HealthRecord(self.records.health, self.clock)

    def person_record(self, code: str) -> PersonRecord:
        """Everything on record about a person, for the trends. Raises NotFoundError."""
        return person_record(self.records, self.records.health, code, self.clock.now().local_date, self.settings)

    def findings(self, code: str) -> Findings:
        """What can be said about a person today. Raises NotFoundError."""
        return findings(self.records, code, self.settings, self.clock)

    def calendar(self, code: str, *, detailed: bool, language: str, interpretation: bool) -> bytes:
        """A person's reminders as an iCalendar file, see `station.trends.calendar`. Raises NotFoundError."""
        found = self.findings(code)
        return found.calendar(
            secret(self.settings.data_folder), detailed=detailed, language=language, interpretation=interpretation
        )

    def comparison(self, code: str, site: str, before: int, after: int) -> ComparisonView:
        """Two visits of a site compared hair by hair, see `station.service.pairs`. Raises NotFoundError, UsageError
        for a visit with itself."""
        return self._pairs.view(code, site, before, after)

    def comparison_photo(self, code: str, site: str, before: int, after: int, width: int | None = None) -> bytes:
        """The later photograph as JPEG, warped to lie on the earlier one; width: at most this many pixels wide. Raises
        NotFoundError, also where the visits cannot be compared, and StorageError."""
        return self._pairs.photo(code, site, before, after, width)

    def comparison_map(self, code: str, site: str, before: int, after: int, kind: str) -> bytes:
        """The map of change as a transparent PNG. kind: "fu" or "hairs". Raises as `comparison_photo`, UsageError."""
        if kind not in MAP_KINDS:
            raise UsageError(f"There is no map of {kind!r}; there are {' and '.join(MAP_KINDS)}.")
        return self._pairs.map_png(code, site, before, after, kind)

    def repeatability(self, code: str | None = None) -> RepeatabilityView:
        """How well this station's rig repeats itself, or counts of one person do under the rig and model of the latest
        measurement. Raises NotFoundError."""
        return told_repeatability(self.records, self.profile, self.about(), self.settings, code)

    def erase(self, code: str) -> Erased:
        """Deletes everything of a person for good; see `station.records.erase`. Raises UsageError in a demonstration's
        folder, which `station demo --fresh` empties."""
        refuse_demonstration(self.settings)
        try:
            return erase(self.records.erasures, self.images, code, self.clock.now(), self._cache.forget)
        finally:
            self.comparing.forget()  # afterwards: a page may have looked while the rows were still there

    def _finish_erasures(self) -> None:
        """What a power cut left undone. Without room for it the station works on, and the next start tries again."""
        try:
            finish_erasures(self.records.erasures, self.images, self.clock.now(), self._cache.forget)
        except StorageError as error:
            log.error("an erasure waits: %s", error.operator)

    def measure_all(self) -> None:
        """Measures and compares everything that waits, here and now. Raises ModelError, RecordError or StorageError."""
        while self.queue.work_next():
            continue

    def _check_session(self, code: str | None) -> None:
        """Raises VisitError while a quick look holds the rig, and for a visit that a demonstration cannot hold."""
        if self.quick.open:
            raise refuse("quick-open")
        if self._plan is None:
            return
        if code != self.demo_code():
            raise refuse("demo-person")
        if self._builder is not None and self._builder.progress().running:
            raise refuse("demo-running")

    def _original(self, row: CaptureRow) -> bytes:
        path = self.images.path(row.image)
        try:
            return path.read_bytes()
        except OSError as error:
            raise StorageError(
                f"{path}: the photograph cannot be read ({error.strerror}): copy it back from a backup."
            ) from error

    def _errors(self, captures: tuple[CaptureRow, ...]) -> course.Errors:
        """Repeatability under the rig and model of this person's latest measurement."""
        latest = max(
            (row for row in captures if row.measurement is not None), key=lambda row: row.taken.utc, default=None
        )
        if latest is None or latest.measurement is None:
            return course.repeatability(())
        return repeatability_of(self.records, latest.person, latest.rig_id, latest.measurement.model_sha256)
