"""The live view: one thread owns the preview, judges every picture, guides back to the same place, and minds the lamp.

It runs while someone looks (`Live.view`). The lamp is lit meanwhile and goes dark on every way out: when the last
viewer leaves, after a set time without a touch, when the camera fails, and at the end of the station. A camera that
fails is tried again, at growing intervals, for as long as someone looks.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from station.capture.gate import GateView, judge
from station.capture.gate_features import Look, look_at
from station.capture.gate_motion import Trackable, movement, trackable
from station.capture.guidance import Guidance, Side, guidance
from station.errors import StationError
from station.rig.preview import Preview
from station.rig.protocols import Rig
from station.service.live_place import Locate, Place, PlaceFinder
from station.service.live_state import LiveState, Phase, Shot, trouble_sentence
from station.trends.sentences import Sentence, say
from station.values import Lamp, UInt8Image

FRAME_S = 1 / 15
"""Least time between two pictures: more would be seen by nobody, and the rest of the station needs the processor."""
FACTS_EVERY = 2
"""Light, focus and hair are looked at in every second picture, which saves a quarter of a core; movement in each."""
JPEG_QUALITY = 80
LINGER_S = 2.0
"""So long the camera and the lamp stay on after the last viewer left: a page that is loaded anew comes back."""
RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Waits between attempts after the camera failed; the last one is repeated."""
MOST_VIEWERS = 4
"""Two open pages, each with its picture and its state. Each viewer holds one of the server's threads."""
RATE_FRAMES = 15

log = logging.getLogger(__name__)


class Viewer:
    """Someone who looks. `wait` gives the newest picture and state, each at most once."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._seen = -1
        self.ended = False

    def wait(self, timeout_s: float = 1.0) -> Shot | None:
        """What is newer than the last answer; None if nothing came within the time, or the view has ended."""
        shot = self._live.newer(self, self._seen, timeout_s)
        if shot is not None:
            self._seen = shot.state.number
        return shot


class Live:
    """The live view of a rig. Any thread may use it; `close` ends it and leaves the lamp dark.

    rig: opens the rig or gives the open one, and may raise CameraError; whoever opened it closes it. locate: finds a
    live picture in the baseline's (`station.service.live_place`), None without a model; lamp_limit_s: the lamp goes
    dark so long after the last touch; on_ready: called once each time when everything has become good for long
    enough, from the live thread; it may take the photograph with `camera`.
    """

    def __init__(
        self,
        rig: Callable[[], Rig],
        locate: Locate | None = None,
        *,
        lamp_limit_s: float = 180.0,
        side: Side = Side.OPERATOR,
        on_ready: Callable[[GateView], None] | None = None,
    ) -> None:
        self._open = rig
        self._rig: Rig | None = None
        self.side = side
        self.on_ready = on_ready
        self._lamp_limit_s = lamp_limit_s
        self._changed = threading.Condition()
        self._viewers: list[Viewer] = []
        self._left = 0.0
        self._touched = 0.0
        self._closed = False
        self._thread: threading.Thread | None = None
        self._running = False
        self._turn = threading.Condition()
        self._waiting = 0
        self._busy = False
        self._finder = PlaceFinder(locate)
        self._rearm = True
        self._gate: GateView | None = None
        self._before: Trackable | None = None
        self._look: Look | None = None
        self._looked = 0
        self._times: deque[float] = deque(maxlen=RATE_FRAMES)
        self._shot = Shot(LiveState(0, Phase.OFF, say("live.off")), _encoded(np.full((768, 1024, 3), 24, np.uint8)))

    # What others ask.

    def jpeg(self) -> bytes:
        """The latest live picture; a dark one before the first."""
        return self._shot.jpeg

    def state(self) -> LiveState:
        """What is known now."""
        return self._shot.state

    def ghost(self) -> bytes:
        """The baseline's photograph as a JPEG of the preview's size; empty without a baseline."""
        place = self._finder.place
        return place.ghost if place is not None else b""

    def aim(self, place: Place | None) -> None:
        """Guide to this place from now on; None: there is no baseline. Everything has to become good anew."""
        self._finder.aim(place)
        self.rearm()

    def rearm(self) -> None:
        """Everything has to become good anew before `on_ready` is called again, even if nobody moves."""
        with self._changed:
            self._rearm = True
            self._gate = None

    def touch(self) -> None:
        """Someone is there: the lamp's time begins anew."""
        with self._changed:
            self._touched = time.monotonic()
            self._changed.notify_all()

    @contextlib.contextmanager
    def view(self) -> Iterator[Viewer]:
        """Look at the live view. With more than `MOST_VIEWERS` the one who has looked longest is sent away."""
        viewer = Viewer(self)
        with self._changed:
            viewer.ended = self._closed
            self._viewers.append(viewer)
            if len(self._viewers) > MOST_VIEWERS:
                self._viewers.pop(0).ended = True
            self._touched = time.monotonic()
            self._changed.notify_all()
            if not self._closed and not self._running:
                self._running = True
                self._thread = threading.Thread(target=self._work, args=(self._thread,), name="live view", daemon=True)
                self._thread.start()
        try:
            yield viewer
        finally:
            with self._changed:
                viewer.ended = True
                if viewer in self._viewers:
                    self._viewers.remove(viewer)
                self._left = time.monotonic()
                self._changed.notify_all()

    def newer(self, viewer: Viewer, seen: int, timeout_s: float) -> Shot | None:
        """What is newer than the state of the number `seen`; see `Viewer.wait`."""
        with self._changed:
            self._changed.wait_for(lambda: viewer.ended or self._shot.state.number > seen, timeout_s)
            return None if viewer.ended or self._shot.state.number <= seen else self._shot

    @contextlib.contextmanager
    def camera(self) -> Iterator[Rig]:
        """The rig for a photograph: the preview waits meanwhile, and lights the lamp again afterwards."""
        with self._turn:
            self._waiting += 1
            try:
                self._turn.wait_for(lambda: not self._busy)
                self._busy = True
            finally:
                self._waiting -= 1
        try:
            self._say(Phase.TAKING, say("live.taking"))
            yield self._opened()
        finally:
            with self._turn:
                self._busy = False
                self._turn.notify_all()
            self.touch()

    def close(self) -> None:
        """Ends the view for everyone and switches the lamp off. May be called twice."""
        with self._changed:
            self._closed = True
            for viewer in self._viewers:
                viewer.ended = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        self._finder.close()

    # The thread.

    def _work(self, earlier: threading.Thread | None) -> None:
        if earlier is not None:
            earlier.join()  # it switches the lamp off as its last act
        failures = 0
        self._finder.start()
        self._say(Phase.STARTING, say("live.starting"))
        try:
            while self._looked_at():
                try:
                    if self._resting():
                        continue
                    began = time.monotonic()
                    self._one_picture()
                    failures = 0
                    self._pause(FRAME_S - (time.monotonic() - began))
                except StationError as error:
                    self._failed(error, RETRY_S[min(failures, len(RETRY_S) - 1)], log_it=failures == 0)
                    failures += 1
                except Exception as error:  # the view must outlive any fault, and the page must say it
                    log.exception("the live view failed")
                    self._failed(StationError(repr(error)), RETRY_S[-1], log_it=False)
                    failures += 1
        finally:
            self._dark()
            self._finder.pause()
            self._forget()
            self._say(Phase.OFF, say("live.off"))

    def _looked_at(self) -> bool:
        with self._changed:
            if self._closed:
                return False
            if not self._viewers:
                self._changed.wait_for(
                    lambda: self._viewers or self._closed, max(0.0, self._left + LINGER_S - time.monotonic())
                )
            if not self._viewers or self._closed:
                self._running = False  # decided under the lock: a viewer who comes now starts another thread
                return False
            return True

    def _resting(self) -> bool:
        """Waits in the dark once the lamp's time is over; True if it was so."""
        with self._changed:
            if time.monotonic() - self._touched < self._lamp_limit_s:
                return False
        self._dark()
        self._forget()
        self._say(Phase.RESTING, say("live.resting"))
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or not self._viewers or time.monotonic() - self._touched < self._lamp_limit_s
            )
        return True

    def _one_picture(self) -> None:
        with self._preview_turn() as mine:
            if not mine:
                return
            rig = self._opened()
            if rig.light.lamp is not rig.lamp:
                rig.light.switch(rig.lamp)
            preview = rig.camera.preview()
        now = trackable(preview)
        moved = movement(self._before, now) if self._before is not None else None
        target = self._finder.seen(preview, moved, followed=self._before is not None)
        followed = self._before is not None
        if self._look is None or not followed or self._looked >= FACTS_EVERY:
            self._look, self._looked = look_at(preview, moved, followed=followed), 1
        else:
            self._look = replace(self._look, taken=preview.taken, movement=moved, followed=followed)
            self._looked += 1
        look = self._look
        self._before = now
        with self._changed:
            view = judge(look, target, earlier=self._gate)
            self._gate = view
            fire = view.ready and self._rearm
            if fire:
                self._rearm = False
            elif any(finding.ok is False and finding.needed for finding in view.findings):
                self._rearm = True
        self._times.append(preview.taken)
        way = guidance(target.sighting, self.side) if target.sighting is not None and target.sighting.accepted else None
        self._show(preview, view, way, target.sighting.outline().tolist() if way and target.sighting else None)
        if fire and self.on_ready is not None:
            self.on_ready(view)

    @contextlib.contextmanager
    def _preview_turn(self) -> Iterator[bool]:
        """The camera for one live picture; whoever wants to take a photograph goes first."""
        with self._turn:
            free = self._turn.wait_for(lambda: not self._busy and not self._waiting, 1.0)
            if free:
                self._busy = True
        try:
            yield free
        finally:
            if free:
                with self._turn:
                    self._busy = False
                    self._turn.notify_all()

    def _show(self, preview: Preview, view: GateView, way: Guidance | None, outline: list[list[float]] | None) -> None:
        first = view.first
        near = way is not None and not way.reached
        sentence = say("live.ready-near" if near else "live.ready") if first is None else first.text
        self._publish(
            LiveState(
                number=self._shot.state.number + 1,
                phase=Phase.RUNNING,
                sentence=sentence,
                gate=view,
                guidance=way,
                outline=outline,
                frames_per_s=self._rate(),
                lamp_left_s=max(0.0, self._touched + self._lamp_limit_s - time.monotonic()),
            ),
            _encoded(preview.pixels),
        )

    def _rate(self) -> float:
        span = self._times[-1] - self._times[0] if len(self._times) > 1 else 0.0
        return (len(self._times) - 1) / span if span > 0 else 0.0

    def _failed(self, error: StationError, wait_s: float, *, log_it: bool) -> None:
        if log_it:
            log.warning("the live view waits: %s", error.operator)
        self._dark()
        self._forget()
        self._say(Phase.TROUBLE, trouble_sentence(error.code))
        self._pause(wait_s)

    def _pause(self, seconds: float) -> None:
        """Waits so long, or until the view is closed."""
        if seconds > 0:
            with self._changed:
                self._changed.wait_for(lambda: self._closed, seconds)

    def _forget(self) -> None:
        """What was followed is followed no more."""
        self._before = self._look = None
        self._times.clear()
        self._finder.lost()
        with self._changed:
            self._gate = None
            self._rearm = True

    def _opened(self) -> Rig:
        self._rig = self._open()
        return self._rig

    def _dark(self) -> None:
        """Switches the lamp off, and once more if that fails."""
        if self._rig is None:
            return
        for attempt in (1, 2):
            try:
                self._rig.light.switch(Lamp.OFF)
            except StationError as error:
                if attempt == 2:
                    log.error("the lamp may still be lit: %s", error.operator)
            else:
                return

    def _say(self, phase: Phase, sentence: Sentence) -> None:
        """A state without a new picture."""
        self._publish(LiveState(self._shot.state.number + 1, phase, sentence), self._shot.jpeg)

    def _publish(self, state: LiveState, jpeg: bytes) -> None:
        with self._changed:
            self._shot = Shot(state, jpeg)
            self._changed.notify_all()


def _encoded(pixels: UInt8Image) -> bytes:
    _, packed = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return packed.tobytes()
