"""Quick mode on the pages: one sitting at a time, without a code, in memory alone. At its end everything is gone."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import threading
from collections.abc import Callable, Mapping

from station.capture.refusal import VisitError, refuse
from station.capture.visit import Chosen, Event, Rejected, Reviewed, Skipped, SkipReason, Step, Undone
from station.clock import Clock
from station.density.engine import Engine
from station.errors import ImageError, UncountableError
from station.rig.profile import RigProfile
from station.service.quick import QuickResult, QuickSitting, hairline, quick_result
from station.service.session_views import SessionView, SiteProgress, TakenView
from station.service.stage import Stage, Wanted
from station.trends.sentences import say

TOKEN_BYTES = 12


class QuickDesk:
    """The quick look that is under way. Any thread may use it.

    stage, profile: the rig; engine: gives the engine; busy: whether somebody's visit holds the rig. Methods raise
    VisitError with a sentence in every language, and CameraError.
    """

    def __init__(
        self,
        stage: Stage,
        profile: RigProfile,
        engine: Callable[[], Engine],
        clock: Clock,
        thin_hair_um: float,
        busy: Callable[[], bool],
    ) -> None:
        self._stage = stage
        self._profile = profile
        self._engine = engine
        self._clock = clock
        self._thin_hair_um = thin_hair_um
        self._busy = busy
        self._lock = threading.RLock()
        self._sitting: QuickSitting | None = None
        self._token = ""
        self._touched = clock.now().utc

    @property
    def open(self) -> bool:
        """Whether a quick look is under way; one that nobody goes on with is forgotten."""
        with self._lock:
            if self._sitting is not None:
                minutes = self._sitting.protocol.abandoned_after_min
                if self._clock.now().utc - self._touched >= dt.timedelta(minutes=minutes):
                    self.end()
            return self._sitting is not None

    def begin(self) -> SessionView:
        """A new quick look; one that was under way is forgotten. Raises VisitError while a visit is open."""
        if self._busy():  # asked without the lock: visits ask in turn whether a quick look is open
            raise refuse("other-open")
        with self._lock:
            self.end()
            self._sitting = QuickSitting(self._profile, self._engine(), self._clock, thin_hair_um=self._thin_hair_um)
            self._token = secrets.token_hex(TOKEN_BYTES)
            self._touched = self._clock.now().utc
            return self._view(self._sitting)

    def view(self, token: str) -> SessionView:
        """The quick look as it stands. Raises VisitError for one that is over."""
        with self._lock:
            return self._view(self._going(token))

    def capture(self, token: str, *, seen: int | None = None, site: str | None = None) -> SessionView:
        """One photograph of the site under the camera. seen, site: as in `Sessions.capture`."""
        with self._lock:
            sitting = self._going(token)
            now = sitting.state.site
            if seen in (None, len(sitting.state.captures(now))) and site in (None, now):
                with self._stage.camera() as rig:
                    sitting.take(rig)
            return self._view(sitting)

    def reject(self, token: str, capture: int) -> SessionView:
        """Forgets a photograph, to be taken again."""
        return self._tell(token, Rejected(capture))

    def skip(self, token: str, site: str, reason: str) -> SessionView:
        """Leaves a site out."""
        return self._tell(token, Skipped(site, SkipReason(reason)))

    def undo(self, token: str, site: str = "") -> SessionView:
        """Begins a site anew, that of the latest photograph by default."""
        with self._lock:
            site = site or self._going(token).state.last_site
            if not site:
                raise refuse("no-site-now")
            return self._tell(token, Undone(site))

    def choose(self, token: str, site: str) -> SessionView:
        """Puts a site under the camera."""
        return self._tell(token, Chosen(site))

    def review(self, token: str) -> SessionView:
        """Looks through what was taken."""
        return self._tell(token, Reviewed())

    def attend(self, view: SessionView) -> None:
        """Turns the rig, and its live view, to what a page shows; see `Sessions.attend`."""
        if view.now is None:
            self._stage.release()
            return
        token, site, seen = view.token, view.now.site, len(view.now.taken)
        self._stage.turn_to(Wanted("", None, site, (), lambda: self._take_by_itself(token, seen, site)))

    def photo(self, token: str, capture: int, width: int) -> bytes:
        """A photograph as JPEG. Raises NotFoundError."""
        with self._lock:
            return self._going(token).photo(capture, width)

    def result(self, token: str, measures: Mapping[str, str], bridge: str, sex: str) -> QuickResult:
        """What the sitting tells. measures: the hairline as typed, which may be empty. Raises RefusedEntryError for a
        hairline that cannot be, UncountableError when no site could be counted."""
        marked = hairline(measures, bridge, self._clock.now().local_date)
        with self._lock:
            look = self._going(token).look()
        if not look.readings:
            raise UncountableError(
                "No site could be counted: " + " ".join(look.failures.values()),
                person=refuse("nothing-counted").person,
            )
        return quick_result(look, marked, sex)

    def end(self) -> None:
        """Forgets everything and lets go of the rig. May be called twice."""
        with self._lock:
            sitting, self._sitting, self._token = self._sitting, None, ""
        if sitting is not None:
            sitting.close()
            self._stage.release()

    def _going(self, token: str) -> QuickSitting:
        if not self.open or self._sitting is None or not secrets.compare_digest(token, self._token):
            raise refuse("over")
        self._touched = self._clock.now().utc
        return self._sitting

    def _tell(self, token: str, event: Event) -> SessionView:
        with self._lock:
            sitting = self._going(token)
            sitting.tell(event)
            return self._view(sitting)

    def _view(self, sitting: QuickSitting) -> SessionView:
        state = sitting.state
        skipped = dict(state.skipped)
        sites = []
        for site in sitting.protocol.sites:
            now = state.step is Step.SITES and state.site == site.id
            stands = "skipped" if site.id in skipped else "open" if state.missing(site.id) else "done"
            sites.append(
                SiteProgress(
                    site=site.id,
                    name=site.name,
                    head_x=site.head_x,
                    head_y=site.head_y,
                    find=site.find,
                    measure=site.measure,
                    cm=None,
                    needed=1,
                    taken=tuple(_taken(sitting, capture) for capture in state.captures(site.id)),
                    state="now" if now else stands,
                    skipped=skipped.get(site.id, ""),
                    note=None,
                )
            )
        return SessionView(
            token=self._token,
            code="",
            new=False,
            step=str(state.step),
            visit=1,
            first=True,
            protocol=sitting.protocol.id,
            sites=tuple(sites),
            questions=(),
            notes=(say("session.quick"),),
            set_aside=(),
            undo=state.last_site,
        )

    def _take_by_itself(self, token: str, seen: int, site: str) -> None:
        """The live view found everything good."""
        with contextlib.suppress(VisitError):  # it went on meanwhile
            self.attend(self.capture(token, seen=seen, site=site))


def _taken(sitting: QuickSitting, capture: int) -> TakenView:
    found = sitting.counted(capture)
    if isinstance(found, ImageError):
        problem = say("session.not-countable", reason=found.operator)
        return TakenView(capture, "failed", None, None, problem, False, False)
    if found is None:
        return TakenView(capture, "captured", None, None, None, False, False)
    hairs, fu = (found.hairs_per_cm2, found.hairs_interval), (found.fu_per_cm2, found.fu_interval)
    return TakenView(capture, "measured", *hairs, None, False, False, *fu)
