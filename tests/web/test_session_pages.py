"""The pages of a visit over a real station with a simulated rig: each step, what is refused, what nobody may see."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from station.clock import SimulatedClock
from station.service.station import Station
from tests.service.conftest import MOMENT, RIG
from web import create_app

NEEDED = {"head": "free", "state": "dry", "products": "none", "length": "trimmed", "cut": "no", "dye": "no"}


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    from station.settings import load

    rig = tmp_path / "small.toml"
    rig.write_text(RIG)
    settings = load(
        environment={},
        data_folder=tmp_path / "data",
        camera_driver="simulated",
        rig_profile=str(rig),
        storage_reserve_mb=20,
    )
    opened = Station(settings, SimulatedClock(MOMENT))
    yield opened
    opened.close()


@pytest.fixture
def client(station: Station) -> FlaskClient:
    return create_app(station).test_client()


def begin(client: FlaskClient, **form: str) -> str:
    """The address of a new visit's page."""
    answer = client.post("/session", data=form or {"new": "yes"})
    assert answer.status_code == 204, answer.text
    return str(answer.headers["HX-Redirect"])


def at_the_first_site(client: FlaskClient) -> str:
    page = begin(client)
    client.post(f"{page}/confirm")
    assert "Frontal" in client.post(f"{page}/prepare", data=NEEDED).text
    return page


def token(page: str) -> str:
    return page.rsplit("/", 1)[1]


def test_a_visit_from_the_start_to_the_end(client: FlaskClient, station: Station) -> None:
    assert "I am new here" in client.get("/session").text
    page = begin(client)
    code = station.sessions.view(token(page)).code
    assert code in client.get(page).text
    assert "Before the first photograph" in client.post(f"{page}/confirm").text
    site = client.post(f"{page}/prepare", data=NEEDED).text
    assert "Site 1 of 8" in site
    for seen in range(3):
        site = client.post(f"{page}/capture", data={"seen": seen, "site": "frontal"}).text
    assert "Site 2 of 8" in site
    for name in ("midscalp", "vertex", "parietal-left", "parietal-right", "temporal-left", "temporal-right"):
        client.post(f"{page}/skip/{name}", data={"reason": "time"})
    review = client.post(f"{page}/skip/occipital", data={"reason": "wound"}).text
    assert "Finish the visit" in review
    assert "left out: the skin is sore there" in review
    station.measure_all()
    assert "hairs/cm²" in client.get(f"{page}/part").text
    end = client.post(f"{page}/finish").text
    assert "The visit is complete" in end
    assert code in end
    assert client.post(f"{page}/capture").status_code == 200
    assert "This visit is over" in client.post(f"{page}/capture").text


def test_questions_that_stop_and_that_ask_are_told_at_their_place(client: FlaskClient) -> None:
    page = begin(client)
    client.post(f"{page}/confirm")
    refused = client.post(f"{page}/prepare", data={**NEEDED, "head": "covered"})
    assert refused.status_code == 422
    assert "Take it off" in refused.text
    assert 'name="confirmed"' not in refused.text
    asked = client.post(f"{page}/prepare", data={**NEEDED, "dye": "darker"})
    assert asked.status_code == 422
    assert 'name="confirmed"' in asked.text
    assert 'value="darker" checked' in asked.text
    assert "Site 1 of 8" in client.post(f"{page}/prepare", data={**NEEDED, "dye": "darker", "confirmed": "yes"}).text


def test_refusals_are_told_in_german(client: FlaskClient) -> None:
    page = begin(client)
    client.set_cookie("lang", "de")
    assert "Bestätigen Sie zuerst" in client.post(f"{page}/capture").text
    client.post(f"{page}/confirm")
    assert "Nehmen Sie sie ab" in client.post(f"{page}/prepare", data={**NEEDED, "head": "covered"}).text
    assert "Der Besuch von jemand anderem ist noch offen" in client.post("/session", data={"new": "yes"}).text


def test_somebody_elses_open_visit_is_ended_only_when_asked_for_and_never_named(
    client: FlaskClient, station: Station
) -> None:
    page = at_the_first_site(client)
    code = station.sessions.view(token(page)).code
    refused = client.post("/session", data={"new": "yes"})
    assert refused.status_code == 422
    assert 'name="take_over"' in refused.text
    assert code not in refused.text
    assert token(page) not in refused.text
    other = begin(client, new="yes", take_over="yes")
    assert other != page
    assert "This visit is over" in client.post(f"{page}/capture").text
    assert station.records.captures(code) == ()


def test_the_own_code_leads_back_to_the_open_visit(client: FlaskClient, station: Station) -> None:
    page = at_the_first_site(client)
    code = station.sessions.view(token(page)).code
    assert begin(client, code=code) == page
    assert client.post("/session", data={"code": "NOSUCHCODE"}).status_code == 422
    assert client.post("/session", data={"code": " "}).status_code == 422
    assert client.get("/session/0123456789").status_code == 404


def test_a_distance_is_typed_with_a_comma_and_kept(client: FlaskClient, station: Station) -> None:
    page = at_the_first_site(client)
    assert "9.5" in client.post(f"{page}/measure/frontal", data={"cm": "9,5"}).text
    assert "as a number in cm" in client.post(f"{page}/measure/frontal", data={"cm": "nine"}).text
    assert "out of range" in client.post(f"{page}/measure/frontal", data={"cm": "99"}).text
    frontal = station.sessions.view(token(page)).site("frontal")
    assert frontal is not None
    assert frontal.cm == 9.5


def test_another_origin_changes_nothing(client: FlaskClient, station: Station) -> None:
    page = at_the_first_site(client)
    answer = client.post(f"{page}/capture", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert station.sessions.view(token(page)).sites[0].taken == ()


def picture() -> bytes:
    out = io.BytesIO()
    pixels = np.random.default_rng(2).integers(0, 256, (240, 180, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_a_global_view_is_masked_by_the_station_whatever_was_sent(client: FlaskClient, station: Station) -> None:
    page = at_the_first_site(client)
    assert client.post(f"{page}/views/frontal?line=0.5", data=picture()).status_code == 204
    assert client.post(f"{page}/views/temple-left", data=picture()).status_code == 204, "the safe line by default"
    found = {each.view: each for each in station.views.of_visit(station.sessions.view(token(page)).code)}
    for name, line in (("frontal", 0.5), ("temple-left", 0.35)):
        stored = client.get(f"{page}/views/{found[name].stored}.jpg").data
        pixels = np.asarray(Image.open(io.BytesIO(stored)), dtype=np.int16)
        assert (abs(pixels[round(line * 240) + 8 :] - 96) < 6).all()
        assert pixels[: round(line * 240) - 8].std() > 30
        assert b"Exif" not in stored
    assert client.post(f"{page}/views/frontal?line=0.99", data=picture()).status_code == 409
    assert client.post(f"{page}/views/frontal", data=b"no picture").status_code == 400
    assert client.post(f"{page}/views/profile", data=picture()).status_code == 400
    assert len([name for name in station.images.names() if "view-" in name]) == 2
    client.post(f"{page}/views/{found['frontal'].stored}/remove")
    assert len([name for name in station.images.names() if "view-" in name]) == 1
    client.post(f"{page}/leave")
    assert client.get(f"{page}/views/{found['temple-left'].stored}.jpg").status_code == 404, "the visit is over"


@pytest.mark.req("REQ-43")
def test_a_quick_look_goes_through_the_same_sites_and_leaves_nothing(client: FlaskClient, station: Station) -> None:
    before = sorted((path, path.stat().st_size) for path in station.settings.data_folder.rglob("*"))
    page = begin(client, quick="yes")
    assert page.startswith("/quick/")
    for number in range(8):
        assert f"Site {number + 1} of 8" in client.get(page).text
        shown = client.post(f"{page}/capture", data={"seen": "0"}).text
    assert "Show the result" in shown
    assert client.get(f"{page}/photo/1.jpg?w=200").data[:2] == b"\xff\xd8"
    result = client.post(f"{page}/result", data={"sex": "male", "mid_mm": "68", "left_mm": "24", "right_mm": "26"}).text
    assert "not a surgical plan" in result
    assert len(re.findall(r">[\d.]+ \([\d.]+–[\d.]+\)</td>", result)) == 16, "no density without its error"
    assert 'class="fault"' not in result
    wrong = client.post(f"{page}/result", data={"mid_mm": "68", "left_mm": "-5", "right_mm": "26"}).text
    assert wrong.count('class="fault"') == 1
    assert "Somebody is taking a quick look" in client.post("/session", data={"new": "yes"}).text
    assert "is gone" in client.post(f"{page}/leave").text
    assert client.get(f"{page}/photo/1.jpg").status_code in (404, 409)
    assert client.get(page).status_code == 404
    assert station.quick._sitting is None
    after = sorted((path, path.stat().st_size) for path in station.settings.data_folder.rglob("*"))
    assert after == before


def test_a_page_of_an_earlier_quick_look_ends_nothing(client: FlaskClient, station: Station) -> None:
    first = begin(client, quick="yes")
    second = begin(client, quick="yes")
    client.post(f"{first}/leave")
    assert "Site 1 of 8" in client.get(second).text
    assert station.quick.open
