"""JSON and images of the station, and the one shape of every failure."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image

from station.errors import RecordError
from tests.web.fixture_station import CODE, FixtureStation
from web import create_app


def test_course_carries_every_number_with_its_error(client: FlaskClient) -> None:
    course = client.get(f"/api/person/{CODE}/course").get_json()
    assert course["person"] == CODE
    assert course["disclaimer_text"].endswith("It does not diagnose or recommend treatment.")
    assert [quantity["key"] for quantity in course["quantities"]] == ["hairs", "fu"]
    hairs = course["quantities"][0]
    assert hairs["baseline"] == pytest.approx(168.0)
    assert hairs["band"] == pytest.approx([168 * 0.902, 168 / 0.902])
    assert hairs["change"]["percent"] == pytest.approx(-2.0)
    assert hairs["change"]["beyond_error"] is False
    assert len(course["visits"]) == 13
    for visit in course["visits"]:
        for key in ("hairs", "fu"):
            estimate = visit[key]
            assert estimate["low"] < estimate["value"] < estimate["high"]
            assert estimate["level"] == 0.9
            assert estimate["area_cm2"] > 0
            assert estimate["frames"] > 0
    assert course["visits"][0]["fu"]["text"] == "82.0 (79–85)"


def test_course_has_null_for_what_is_not_measured() -> None:
    client = create_app(FixtureStation(2, partial=True)).test_client()
    course = client.get(f"/api/person/{CODE}/course").get_json()
    assert course["visits"][1]["hairs"] is None
    assert course["quantities"][0]["change"] is None
    assert course["quantities"][0]["band"] is None
    assert course["headline"]["state"] == "not-enough"


def test_progress() -> None:
    answer = create_app(FixtureStation(4, running=True)).test_client().get("/api/progress").get_json()
    assert answer == {
        "running": True,
        "done": 64,
        "total": 208,
        "text": "Visit 4 is being measured",
        "error": "",
        "eta_s": 130.0,
    }


def test_points(client: FlaskClient) -> None:
    points = client.get("/api/capture/5020/points").get_json()
    assert len(points["units"]) == len(points["hairs"]) == 40


def test_photo_in_the_width_that_was_asked_for(client: FlaskClient) -> None:
    answer = client.get("/capture/5020/photo.jpg?w=400")
    assert answer.mimetype == "image/jpeg"
    assert Image.open(io.BytesIO(answer.data)).size == (400, 300)
    assert Image.open(io.BytesIO(client.get("/capture/5020/photo.jpg").data)).size == (1200, 900)


@pytest.mark.parametrize("width", ["0", "15", "8193", "-5", "1e3", "wide", "", "٣٠٠", "9" * 5000])
def test_photo_refuses_a_width_out_of_range(client: FlaskClient, width: str) -> None:
    answer = client.get("/capture/5020/photo.jpg", query_string={"w": width}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.get_json() == {
        "error": {"code": "usage", "message": "The width of a photograph is a whole number from 16 to 8192 pixels."}
    }


@pytest.mark.parametrize("kind", ["fu", "hairs"])
def test_map_is_transparent_png(client: FlaskClient, kind: str) -> None:
    answer = client.get(f"/capture/5020/map-{kind}.png")
    assert answer.mimetype == "image/png"
    assert Image.open(io.BytesIO(answer.data)).mode == "RGBA"


def test_healthz(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("address", "status", "code", "sentence"),
    [
        ("/api/person/NOBODY/course", 404, "not-found", "There is no record under this code."),
        ("/api/nothing", 404, "not-found", "There is no such page. Please go back to the start."),
        (f"/person/{CODE}/visit/99", 404, "not-found", "There is no visit 99 in this record."),
        (f"/person/{CODE}?visit=99", 404, "not-found", "There is no visit 99 in this record. Choose one"),
        (f"/person/{CODE}?visit=x", 400, "usage", "The number of a visit is a whole number from 1."),
        (f"/person/{CODE}/visit/1/site/nose", 404, "not-found", "This visit has no site called “nose”."),
        (f"/person/{CODE}/visit/1/site/vertex?frame=9", 404, "not-found", "This site has no photograph 9."),
        (f"/person/{CODE}/visit/1/site/vertex?frame=x", 400, "usage", "The request could not be understood."),
    ],
)
def test_failures_have_one_shape(client: FlaskClient, address: str, status: int, code: str, sentence: str) -> None:
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == status
    error = answer.get_json()["error"]
    assert set(error) == {"code", "message"}
    assert error["code"] == code
    assert error["message"].startswith(sentence)
    if not address.startswith("/api/"):
        shown = client.get(address, headers={"Accept": "text/html,*/*"}).get_data(as_text=True)
        assert sentence.partition("“")[0] in shown
        assert f"Code of this message: {code}" in shown


def test_wrong_method_says_so(client: FlaskClient) -> None:
    answer = client.post("/api/progress")
    assert answer.status_code == 405
    assert answer.get_json()["error"]["code"] == "method"
    assert "GET" in answer.headers["Allow"]


class Broken(FixtureStation):
    def progress(self) -> None:  # type: ignore[override]
        raise ZeroDivisionError("the inside of the station")


class Damaged(FixtureStation):
    def progress(self) -> None:  # type: ignore[override]
        raise RecordError("database /data/station.db is malformed", person="The record cannot be opened.")


@pytest.mark.parametrize("address", ["/api/progress", f"/person/{CODE}"])
def test_a_fault_shows_no_traceback(address: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = create_app(Broken()).test_client().get(address)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Something went wrong. Nothing was lost." in text
    assert "Traceback" not in text
    assert "inside of the station" not in text
    assert "the inside of the station" in caplog.text


def test_the_operators_sentence_stays_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answer = create_app(Damaged()).test_client().get("/api/progress")
    assert answer.status_code == 500
    assert answer.get_json() == {"error": {"code": "record", "message": "The record cannot be opened."}}
    assert "database /data/station.db is malformed" in caplog.text
