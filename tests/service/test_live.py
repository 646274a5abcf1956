"""The live view's thread: pictures, readiness, the lamp on every way out, troubles, and a camera that is lent."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from station.capture.gate import GateView
from station.capture.guidance import Side, Sighting
from station.errors import CameraBusyError, CameraMissingError, ModelError
from station.rig.preview import Preview
from station.rig.protocols import Rig
from station.service import live as module
from station.service.live import MOST_VIEWERS, Live
from station.service.live_place import Locate, Place
from station.service.live_state import LiveState, Phase, trouble_sentence
from station.trends.sentences import LANGUAGES, texts
from station.values import Lamp
from tests.service.live_rig import PictureCamera, RecordingLight, picture_rig, until

Made = Callable[..., Live]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> tuple[Rig, PictureCamera, RecordingLight]:
    monkeypatch.setattr(module, "LINGER_S", 0.05)
    monkeypatch.setattr(module, "RETRY_S", (0.05, 0.1))
    return picture_rig()


@pytest.fixture
def made(parts: tuple[Rig, PictureCamera, RecordingLight]) -> Iterator[Made]:
    lives: list[Live] = []

    def make(locate: Locate | None = None, **options: object) -> Live:
        lives.append(Live(lambda: parts[0], locate, **options))  # type: ignore[arg-type]
        return lives[-1]

    yield make
    for live in lives:
        live.close()


def at_identity(preview: Preview, place: Place, before: Sighting | None) -> Sighting:
    return Sighting(np.eye(3), preview.size_mm, preview.size_mm, 1.0, True, preview.taken)


def place(parts: tuple[Rig, PictureCamera, RecordingLight]) -> Place:
    return Place(baseline=None, ghost=b"ghost")  # type: ignore[arg-type]  # the locate of these tests needs none


def test_pictures_come_while_someone_looks_and_the_lamp_is_lit_for_them(
    made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]
) -> None:
    _rig, camera, light = parts
    live = made()
    assert (live.state().phase, light.log) == (Phase.OFF, [])
    with live.view() as viewer:
        assert until(lambda: live.state().phase is Phase.RUNNING)
        shot = viewer.wait(2)
        assert shot is not None
        assert Image.open(io.BytesIO(shot.jpeg)).size == (512, 384)
        assert until(lambda: camera.shown >= 5)
        assert light.lamp is Lamp.CROSS
    assert until(lambda: live.state().phase is Phase.OFF)
    assert (light.lamp, light.log, camera.dark) == (Lamp.OFF, [Lamp.CROSS, Lamp.OFF], 0)
    shown = camera.shown
    time.sleep(0.2)
    assert camera.shown == shown


def test_a_viewer_sees_each_state_once(made: Made) -> None:
    live = made()
    with live.view() as viewer:
        numbers = [shot.state.number for shot in (viewer.wait(2) for _ in range(6)) if shot]
    assert numbers == sorted(set(numbers))
    assert viewer.wait(0.01) is None


def test_ready_calls_once_and_again_after_rearming(
    made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]
) -> None:
    calls: list[GateView] = []
    live = made(on_ready=calls.append)
    with live.view():
        assert until(lambda: len(calls) == 1)
        assert calls[0].ready
        assert calls[0].taken - (calls[0].good_since or 0) >= 0.5
        time.sleep(0.8)
        assert len(calls) == 1  # nobody moved: the same photograph is not taken twice
        live.rearm()
        assert until(lambda: len(calls) == 2)
        parts[1].pixels = np.ascontiguousarray(parts[1].pixels[::-1])
        assert until(lambda: live.state().ready_since is None)
        assert until(lambda: len(calls) == 3)


def test_on_ready_may_take_the_photograph(made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]) -> None:
    rig, camera, light = parts
    done = threading.Event()

    def take(_view: GateView) -> None:
        with live.camera() as lent:
            assert lent is rig
            lent.light.switch(Lamp.OFF)  # as a capture leaves it
        done.set()

    live = made(on_ready=take)
    with live.view():
        assert done.wait(10)
        shown = camera.shown
        assert until(lambda: camera.shown > shown + 2)
        assert light.lamp is Lamp.CROSS  # the preview goes on, with its light
    assert camera.dark == 0


def test_a_photograph_has_the_camera_for_itself(made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]) -> None:
    live = made()
    with live.view():
        assert until(lambda: parts[1].shown > 2)
        with live.camera():
            assert live.state().phase is Phase.TAKING
            shown = parts[1].shown
            time.sleep(0.3)
            assert parts[1].shown == shown
        assert until(lambda: parts[1].shown > shown)


def test_the_lamp_rests_after_its_time_and_a_touch_lights_it(
    made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]
) -> None:
    live = made(lamp_limit_s=0.4)
    with live.view():
        assert until(lambda: live.state().phase is Phase.RESTING)
        assert parts[2].lamp is Lamp.OFF
        shown = parts[1].shown
        time.sleep(0.2)
        assert parts[1].shown == shown
        live.touch()
        assert until(lambda: live.state().phase is Phase.RUNNING)
        assert parts[2].lamp is Lamp.CROSS
        assert until(lambda: live.state().phase is Phase.RESTING)
    assert until(lambda: live.state().phase is Phase.OFF)


def test_a_camera_that_fails_is_tried_again_in_the_dark(
    made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]
) -> None:
    _rig, camera, light = parts
    camera.failures = [CameraMissingError("none"), CameraBusyError("busy"), RuntimeError("a fault of the driver")]
    dark: list[bool] = []
    camera.each = lambda: dark.append(light.lamp is Lamp.OFF)
    said: list[LiveState] = []
    live = made()
    with live.view() as viewer:
        while live.state().phase is not Phase.RUNNING:
            shot = viewer.wait(5)
            assert shot is not None
            said.append(shot.state)
    troubles = [state.sentence.key for state in said if state.phase is Phase.TROUBLE]
    assert troubles == ["live.camera-missing", "live.camera-busy", "live.trouble"]
    assert light.log[:4] == [Lamp.CROSS, Lamp.OFF, Lamp.CROSS, Lamp.OFF]
    assert not any(dark)


def test_a_rig_that_cannot_be_opened_is_a_state_too(parts: tuple[Rig, PictureCamera, RecordingLight]) -> None:
    answers: list[Exception] = [CameraMissingError("none")]

    def opened() -> Rig:
        if answers:
            raise answers.pop()
        return parts[0]

    live = Live(opened)
    with live.view():
        assert until(lambda: live.state().phase is Phase.TROUBLE)
        assert until(lambda: live.state().phase is Phase.RUNNING)
    live.close()


def test_a_lamp_that_fails_once_is_switched_off_again(
    made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]
) -> None:
    live = made()
    with live.view():
        assert until(lambda: parts[1].shown > 1)
        parts[2].failures = [CameraBusyError("stuck")]
        live.close()
    assert parts[2].lamp is Lamp.OFF


def test_closing_ends_every_view_and_the_lamp(made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]) -> None:
    live = made()
    with live.view() as viewer:
        assert until(lambda: parts[1].shown > 1)
        live.close()
        assert viewer.ended
        assert parts[2].lamp is Lamp.OFF
    with live.view() as late:
        assert late.ended
        assert late.wait(0.01) is None
    live.close()
    assert not [thread for thread in threading.enumerate() if thread.name in ("live view", "live place")]


def test_whoever_has_looked_longest_is_sent_away(made: Made) -> None:
    live = made()
    views = [live.view() for _ in range(MOST_VIEWERS + 1)]
    viewers = [view.__enter__() for view in views]
    assert [viewer.ended for viewer in viewers] == [True, *[False] * MOST_VIEWERS]
    for view in views:
        view.__exit__(None, None, None)


def test_many_come_and_go(made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]) -> None:
    live = made()

    def look() -> None:
        for _ in range(10):
            with live.view() as viewer:
                viewer.wait(0.03)
            time.sleep(0.02)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert until(lambda: live.state().phase is Phase.OFF)
    assert parts[2].lamp is Lamp.OFF
    assert parts[1].dark == 0
    assert sum(thread.name == "live view" for thread in threading.enumerate()) <= 1


def test_the_place_is_found_and_followed(made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]) -> None:
    live = made(at_identity)
    live.aim(place(parts))
    assert live.ghost() == b"ghost"
    with live.view():
        assert until(lambda: live.state().guidance is not None)
        state = live.state()
        assert state.guidance is not None
        assert state.guidance.reached
        assert state.outline is not None
        # What is seen moves 4 mm to the right: the arrows follow at once, before the next registration.
        parts[1].pixels = np.roll(parts[1].pixels, round(1.5 * 34.08), axis=1)
        assert until(
            lambda: (
                live.state().guidance is not None and live.state().guidance.overlap < 0.95  # type: ignore[union-attr]
            )
        )
        live.aim(None)
        assert until(lambda: live.state().guidance is None)
    assert live.ghost() == b""


def test_another_place_is_not_accepted(made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]) -> None:
    def nowhere(preview: Preview, place: Place, before: Sighting | None) -> Sighting:
        return Sighting(np.eye(3), preview.size_mm, preview.size_mm, 0.0, False, preview.taken)

    calls: list[GateView] = []
    live = made(nowhere, on_ready=calls.append)
    live.aim(place(parts))
    with live.view():
        assert until(lambda: live.state().sentence.key == "gate.site")
    assert calls == []


@pytest.mark.parametrize("failure", [ModelError("no model"), ZeroDivisionError()])
def test_looking_for_the_place_may_fail(
    failure: Exception, made: Made, parts: tuple[Rig, PictureCamera, RecordingLight]
) -> None:
    def broken(preview: Preview, place: Place, before: Sighting | None) -> Sighting:
        raise failure

    live = made(broken)
    live.aim(place(parts))
    with live.view():
        assert until(lambda: parts[1].shown > 20)
        assert live.state().phase is Phase.RUNNING
        assert live.state().guidance is None


def test_every_camera_error_has_a_sentence() -> None:
    for code in ("camera", "camera-missing", "camera-busy", "camera-stopped", "controls-not-confirmed", "model"):
        assert all(trouble_sentence(code).text(language) for language in LANGUAGES)
    assert trouble_sentence("camera-missing").key == "live.camera-missing"
    assert trouble_sentence("model").key == "live.trouble"
    assert {"live.image", "live.camera-stopped"} <= set(texts())


def test_the_side_is_kept_for_the_page() -> None:
    assert Live(lambda: picture_rig()[0], side=Side.PERSON).side is Side.PERSON
