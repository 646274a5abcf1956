"""The live view's answers: pictures and events over real sockets, clients that leave, and too many of them."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from waitress.server import create_server

from station.service import live as module
from station.service.live import MOST_VIEWERS, Live
from station.service.live_state import Phase
from station.values import Lamp
from tests.service.live_rig import PictureCamera, RecordingLight, picture_rig, until
from tests.web.fixture_station import FixtureStation
from web import create_app

PICTURES = b"multipart/x-mixed-replace; boundary=picture"


@dataclass
class Served:
    """A station that is served on a port of this machine."""

    port: int
    live: Live
    camera: PictureCamera
    light: RecordingLight

    def connect(self, path: str, language: str = "en") -> socket.socket:
        """A client that asks and has read nothing yet."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        made.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: lang={language}\r\n\r\n".encode())
        return made

    def viewers(self) -> int:
        return len(self.live._viewers)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(module, "LINGER_S", 0.05)
    rig, camera, light = picture_rig()
    station = FixtureStation()
    station.live_view = live = Live(lambda: rig)
    server = create_server(create_app(station), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Served(server.effective_port, live, camera, light)
    live.close()
    server.close()
    thread.join(10)


def read_until(client: socket.socket, what: bytes, times: int = 1) -> bytes:
    got = b""
    while got.count(what) < times:
        more = client.recv(65536)
        assert more, f"the answer ended before {what!r}: {got[-300:]!r}"
        got += more
    return got


def events(got: bytes) -> list[dict[str, Any]]:
    text = b"".join(got.split(b"\r\n\r\n", 1)[1:]).decode("utf-8", "ignore")
    lines = [
        line.removeprefix("data: ") for line in text.replace("\r\n", "\n").split("\n") if line.startswith("data: {")
    ]
    return [json.loads(line) for line in lines if line.endswith("}")]


def test_the_stream_is_an_endless_row_of_pictures(served: Served) -> None:
    with served.connect("/live/stream") as client:
        got = read_until(client, b"\r\n--picture\r\n", 4)
    assert PICTURES in got
    assert b"Cache-Control: no-store" in got
    assert got.count(b"Content-Type: image/jpeg") >= 3
    assert b"\xff\xd8\xff" in got


def test_events_tell_findings_in_the_readers_language(served: Served) -> None:
    for language, word in (("en", "The light is right"), ("de", "Das Licht stimmt")):
        with served.connect("/live/state", language) as client:
            found = events(read_until(client, b'"good": true'))
        last = found[-1] if found[-1]["findings"] else found[-2]
        assert last["phase"] == "running"
        assert last["findings"][0] == {"code": "exposure", "ok": True, "needed": True, "text": word}
        assert [finding["code"] for finding in last["findings"]][1] == "site"
        assert last["overlap"] is None
        assert last["arrows"] == []


def test_clients_who_leave_free_their_threads_and_the_lamp(served: Served) -> None:
    """Ten times as many as the server has threads, half of them in the middle of a picture."""
    before = threading.active_count()
    for number in range(40):
        client = served.connect("/live/stream" if number % 2 else "/live/state")
        client.recv(1000 if number % 4 else 10)
        if number % 3 == 0:  # cut off, not closed
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        client.close()
    assert until(lambda: served.viewers() == 0, 15)
    assert until(lambda: served.live.state().phase is Phase.OFF)
    assert served.light.lamp is Lamp.OFF
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/about", timeout=10) as answer:
        assert answer.status == 200
    assert threading.active_count() <= before


def test_a_client_who_leaves_while_no_picture_comes_is_noticed(served: Served) -> None:
    def silent() -> None:
        time.sleep(0.2)
        raise module.StationError("no picture")

    served.camera.each = silent
    clients = [served.connect(path) for path in ("/live/stream", "/live/state")]
    assert until(lambda: served.viewers() == 2)
    assert until(lambda: served.live.state().phase is Phase.TROUBLE)
    for client in clients:
        client.close()
    assert until(lambda: served.viewers() == 0, 15)


def test_pages_answer_while_as_many_look_as_may(served: Served) -> None:
    clients = [served.connect("/live/stream") for _ in range(MOST_VIEWERS)]
    for client in clients:
        read_until(client, b"\r\n--picture\r\n", 2)
    took = []
    for _ in range(5):
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/about", timeout=10) as answer:
            answer.read()
        took.append(time.monotonic() - began)
    assert sorted(took)[2] < 0.5
    late = served.connect("/live/state")
    read_until(late, b"data: ")
    while clients[0].recv(65536):  # the answer of the one who looked longest comes to its end
        continue
    assert served.viewers() == MOST_VIEWERS
    for client in (*clients, late):
        client.close()


def test_whoever_is_sent_away_is_told(served: Served) -> None:
    first = served.connect("/live/state")
    read_until(first, b"data: ")
    rest = [served.connect("/live/stream") for _ in range(MOST_VIEWERS)]
    assert b"event: ended" in read_until(first, b"event: ended")
    for client in (first, *rest):
        client.close()


def test_a_touch_needs_the_stations_own_page(served: Served) -> None:
    client = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    client.request("POST", "/live/touch", headers={"Sec-Fetch-Site": "cross-site"})
    assert client.getresponse().status == 403
    client.close()
    client.request("POST", "/live/touch")
    assert client.getresponse().status == 204
    client.close()


def test_the_page_and_its_panel(client: FlaskClient, station: FixtureStation) -> None:
    station.live_view = Live(lambda: picture_rig()[0])
    page = client.get("/live").get_data(as_text=True)
    assert 'data-stream="/live/stream"' in page
    assert "liveview.js" in page
    assert page.count("data-picture=") == 14
    assert 'data-live="take"' not in page  # nothing is stored from the camera's page
    assert client.get("/live/ghost").status_code == 404


def test_a_station_without_a_camera_says_so(client: FlaskClient) -> None:
    for path in ("/live", "/live/stream", "/live/state"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "no camera" in answer.get_data(as_text=True)
