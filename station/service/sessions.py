"""Visits under way: one at a time, as the station has one rig, and each on the disk after every step.

Every call names its visit by the token, so that a page that was left open never acts on somebody else's visit.
Sentences of what is refused are in `station/trends/texts/session.toml`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from station.capture.checklist import read_answers
from station.capture.protocol import load_protocol
from station.capture.refusal import VisitError, refuse
from station.capture.visit import (
    Chosen,
    Confirmed,
    Event,
    Finished,
    LeaveReason,
    Left,
    Prepared,
    Rejected,
    RejectReason,
    Reviewed,
    SessionState,
    Skipped,
    SkipReason,
    Step,
    Took,
    Undone,
    Vouched,
    as_data,
    follow,
)
from station.errors import StationError
from station.service.session_open import OpenVisit, begin_state, find_visit
from station.service.session_show import PlaceCheck, show
from station.service.session_views import SessionView
from station.service.stage import Stage, Wanted
from station.service.taking import Taking
from station.trends.sentences import Number

LOOK_S = 30.0
"""How often visits that nobody goes on with are looked for."""

log = logging.getLogger(__name__)


class Sessions:
    """Everybody's visits. Any thread may use it.

    rig_id: of the station's rig; stage: the rig itself; announce: tells the queue of a new photograph; may_begin:
    raises what keeps a visit from beginning; place_check: whether a photograph shows the place of the baseline. Methods
    raise VisitError with a sentence in every language, NotFoundError for a visit that is not on record, RecordError,
    StorageError and CameraError.
    """

    def __init__(
        self,
        taking: Taking,
        rig_id: str,
        stage: Stage,
        announce: Callable[[], None],
        may_begin: Callable[[str | None], None] = lambda code: None,
        place_check: PlaceCheck | None = None,
    ) -> None:
        self._taking = taking
        self._records = taking.records
        self._rig_id = rig_id
        self._stage = stage
        self._announce = announce
        self._may_begin = may_begin
        self._place_check = place_check
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._sweep()

    # Beginning and going on

    def begin(self, code: str | None, *, take_over: bool = False, new_series: bool = False) -> SessionView:
        """Begins a visit of a person, or goes on with the one that is open.

        code: None for somebody new; take_over: ends somebody else's open visit; new_series: with the newest protocol,
        also where earlier visits followed an older one. A visit of today is continued. Raises VisitError while somebody
        else's visit is open, and when today's photographs are of another rig; NotFoundError for an unknown person.
        """
        with self._lock:
            self.tidy()
            self._may_begin(code)
            row = self._records.sessions.open_session()
            if row is not None and row.code == code:
                return self.view(row.token)
            if code is not None:
                self._records.person(code)
            if row is not None:
                if not take_over:
                    raise refuse("other-open")
                self.leave(row.token, LeaveReason.OTHER_PERSON)
            person = code or self._records.unused_code()
            now = self._taking.clock.now()
            state = begin_state(self._records, person, self._rig_id, now, new_series=new_series)
            row = self._records.sessions.begin(as_data(state), now)
            return self.view(row.token)

    def resume(self) -> SessionView | None:
        """The visit that is open; None when there is none. Visits that nobody goes on with are closed first."""
        with self._lock:
            self.tidy()
            row = self._records.sessions.open_session()
            return None if row is None else self.view(row.token)

    def view(self, token: str) -> SessionView:
        """A visit as it stands, open or ended. Raises NotFoundError."""
        return show(self._records, self._found(token), self._place_check)

    def attend(self, view: SessionView) -> None:
        """Turns the rig, and its live view, to what a page shows: the site that is due takes its photograph by itself
        once everything is good."""
        if view.now is None:
            if view.step == Step.REVIEW:
                self._stage.release()
            return
        found = self._found(view.token)
        if found.row.ended:
            return
        token, site, seen = view.token, view.now.site, len(view.now.taken)
        self._stage.turn_to(
            Wanted(
                code=view.code,
                start=found.start,
                site=site,
                baseline=found.series.sites.get(site, ()),
                take=lambda: self._take_by_itself(token, seen, site),
            )
        )

    def confirm(self, token: str) -> SessionView:
        """The person is who the code belongs to. Somebody new is on record from here on."""
        return self._step(token, Confirmed(), new_person=True)

    def prepare(self, token: str, answers: Mapping[str, str], *, confirmed: bool = False) -> SessionView:
        """Answers to the checklist, kept with the visit. confirmed: answers that ask were confirmed. Raises
        RefusedAnswersError with a sentence for each question at fault."""
        read = read_answers(answers, confirmed=confirmed)
        return self._step(token, Prepared(read), answers=read)

    # The sites

    def capture(self, token: str, *, seen: int | None = None, site: str | None = None) -> SessionView:
        """Takes one photograph of the site under the camera.

        seen: how many photographs of the site the caller knows of; site: which site it knows to be under the camera.
        When that is no longer so, nothing is taken: two touches of one button are one photograph. Raises CameraError
        when there was none, and nothing is lost then.
        """
        with self._lock:
            found = self._going(token)
            state = found.state
            if state.step is not Step.SITES:
                raise refuse(f"step-{state.step}")
            if seen not in (None, len(state.captures(state.site))) or site not in (None, state.site):
                return self.view(token)
            person = self._records.person(found.row.code)
            with self._stage.camera() as rig:
                if rig.profile.id != state.plan.rig:
                    raise refuse("rig-today", rig=state.plan.rig)
                capture = self._taking.take(rig, person, state.plan.visit, state.site, found.protocol)
            view = self._save(found, follow(state, Took(capture)))
        self._announce()
        return view

    def reject(self, token: str, capture: int, reason: str = RejectReason.RETAKEN) -> SessionView:
        """Sets a photograph aside, with the reason, until the visit ends; its site is under the camera then."""
        return self._step(token, Rejected(capture), reject=(capture,), reason=str(RejectReason(reason)))

    def retake(self, token: str) -> SessionView:
        """Sets the latest photograph aside, to be taken again."""
        with self._lock:
            state = self._going(token).state
            site = state.site if state.captures(state.site) else state.last_site
            if not state.captures(site):
                raise refuse("no-site-now")
            return self.reject(token, state.captures(site)[-1])

    def skip(self, token: str, site: str, reason: str) -> SessionView:
        """Leaves a site out, with the reason."""
        return self._step(token, Skipped(site, SkipReason(reason)))

    def undo(self, token: str, site: str = "") -> SessionView:
        """Begins a site anew, that of the latest photograph by default: its photographs are set aside."""
        with self._lock:
            state = self._going(token).state
            site = site or state.last_site
            if not site:
                raise refuse("no-site-now")
            return self._step(token, Undone(site), reject=state.captures(site), reason=str(RejectReason.UNDONE))

    def choose(self, token: str, site: str) -> SessionView:
        """Puts a site under the camera."""
        return self._step(token, Chosen(site))

    def vouch(self, token: str, capture: int) -> SessionView:
        """Somebody says that a photograph is of the right place although it does not look so."""
        return self._step(token, Vouched(capture))

    def measure(self, token: str, site: str, cm: float) -> SessionView:
        """Keeps the person's own distance that a site is found by, in cm. Raises VisitError out of its range."""
        with self._lock:
            found = self._going(token)
            found.state.plan.frames(site)
            measure = found.protocol.site(site).measure
            if measure is None:
                raise refuse("measure-none", site=site)
            if not measure.least_cm <= cm <= measure.most_cm:
                raise refuse(
                    "measure-range",
                    what=measure.what,
                    cm=Number(cm, 1),
                    least=Number(measure.least_cm, 1),
                    most=Number(measure.most_cm, 1),
                )
            self._records.sessions.set_place(found.row.code, site, cm, self._taking.clock.now())
            return self.view(token)

    # The end

    def review(self, token: str) -> SessionView:
        """Looks the visit through before all sites are done."""
        return self._step(token, Reviewed())

    def finish(self, token: str) -> SessionView:
        """The visit is complete. Raises VisitError while a site is neither complete nor left out."""
        return self._step(token, Finished())

    def leave(self, token: str, reason: str = LeaveReason.ENDED) -> SessionView:
        """Ends the visit before it is complete. What was taken is kept, and today's visit can be gone on with."""
        return self._step(token, Left(LeaveReason(reason)))

    def tidy(self) -> bool:
        """Closes the open visit if nobody has gone on with it for long; whether it did."""
        with self._lock:
            row = self._records.sessions.open_session()
            if row is None:
                return False
            minutes = load_protocol(row.protocol).abandoned_after_min
            if self._taking.clock.now().utc - row.changed < dt.timedelta(minutes=minutes):
                return False
            log.info("a visit was closed: nobody went on with it for %d minutes", minutes)
            self.leave(row.token, LeaveReason.TIMEOUT)
            return True

    def start(self) -> None:
        """Looks for visits that nobody goes on with, in the background."""
        self._thread = threading.Thread(target=self._look, name="visits", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the background work and lets go of the rig. May be called twice. An open visit stays open."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._stage.release()

    # Inside

    def _look(self) -> None:
        while not self._ended.wait(LOOK_S):
            try:
                self.tidy()
            except StationError as error:
                log.error("open visits could not be looked at: %s", error.operator)

    def _found(self, token: str) -> OpenVisit:
        return find_visit(self._records, token)

    def _going(self, token: str) -> OpenVisit:
        """The open visit of this token. Raises VisitError for one that is over."""
        self.tidy()
        found = self._found(token)
        if found.row.ended:
            raise refuse("over")
        return found

    def _step(
        self,
        token: str,
        event: Event,
        *,
        new_person: bool = False,
        answers: tuple[tuple[str, str], ...] | None = None,
        reject: Iterable[int] = (),
        reason: str = "",
    ) -> SessionView:
        with self._lock:
            # `tidy` itself ends a visit by this way, and must not look for others first.
            found = self._found(token) if isinstance(event, Left) else self._going(token)
            if found.row.ended:
                raise refuse("over")
            state = follow(found.state, event)
            return self._save(found, state, new_person=new_person, answers=answers, reject=reject, reason=reason)

    def _save(
        self,
        found: OpenVisit,
        state: SessionState,
        *,
        new_person: bool = False,
        answers: tuple[tuple[str, str], ...] | None = None,
        reject: Iterable[int] = (),
        reason: str = "",
    ) -> SessionView:
        self._records.sessions.save(
            found.row.token,
            as_data(state),
            self._taking.clock.now(),
            ended=state.ended,
            new_person=new_person,
            answers=answers,
            reject=tuple(reject),
            reason=reason,
        )
        if not state.ended:
            return self.view(found.row.token)
        # The view first: it still counts what is set aside.
        view = self.view(found.row.token)
        self._stage.release()
        self._sweep()
        return view

    def _take_by_itself(self, token: str, seen: int, site: str) -> None:
        """The live view found everything good."""
        with contextlib.suppress(VisitError):  # the visit went on meanwhile
            self.attend(self.capture(token, seen=seen, site=site))

    def _sweep(self) -> None:
        """Deletes what was set aside in visits that are over: files first, so that a row is left to tell of them."""
        rows = self._records.sessions.to_delete()
        for row in rows:
            (self._taking.images.root / row.image).unlink(missing_ok=True)
        if rows:
            self._records.sessions.deleted(rows)
