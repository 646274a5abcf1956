"""The page on repeatability: the default shown as such, figures by site, nobody named on the station's own page."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from station.records.repeatability import RepeatabilityRow
from tests.records.test_repeatability import ROW
from tests.web.fixture_station import CODE, FixtureStation

PERSON = f"/person/{CODE}/repeatability"


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


def run(site: str, start: float, repeats: int = 8, person: str = CODE) -> RepeatabilityRow:
    hairs = tuple((start + i % 3, start + 0.5 + i % 3) for i in range(repeats))
    return replace(ROW, site=site, hairs=hairs, fu=hairs, person=person, matched=(0.002, -0.003), refused=1)


@pytest.mark.parametrize("address", ["/repeatability", PERSON])
def test_the_default_is_shown_as_such(client: FlaskClient, address: str) -> None:
    text = text_of(client, address)
    assert "Default, not measured yet." in text
    assert "The default of 7 % until 10 repeat pairs are recorded; none are recorded so far." in text
    assert "at least 17.6 % below or 21.4 % above" in text
    assert "No run is recorded yet." in text
    assert "station repeatability --site vertex" in text


def test_figures_stand_by_site_and_together(client: FlaskClient, station: FixtureStation) -> None:
    station.runs = (run("vertex", 160), run("frontal", 120))
    text = text_of(client, PERSON)
    assert "Measured at this station." in text
    assert "From 14 repeat pairs of the same day" in text
    rows = text.split("data-quantity=")[1].split("<tr")[2:]
    assert ["All sites together" in rows[0], "Frontal" in rows[1], "Vertex" in rows[2]] == [True] * 3
    assert "16 (2 each)" in rows[0]
    assert "0.9" in rows[0], "the ICC of two sites"
    assert ">–<" in rows[1], "none of one site"
    assert "−0.50 % to +0.50 %" in rows[1], "of the change by the same hairs: 1.96 times 0.255 %"
    assert "5 Jan 2026" in rows[1]
    assert "2 pairs of repeats were not recognised as the same place" in text


def test_one_site_says_why_there_is_no_icc(client: FlaskClient, station: FixtureStation) -> None:
    station.runs = (run("vertex", 160),)
    text = text_of(client, PERSON)
    assert "All sites together" not in text
    assert "needs two of them or more" in text
    assert "not recognised as the same place" in text


def test_the_stations_page_names_nobody(client: FlaskClient, station: FixtureStation) -> None:
    station.runs = (run("vertex", 160), run("frontal", 120, person="K7QF2MXD"))
    text = text_of(client, "/repeatability")
    assert "K7QF2MXD" not in text
    assert CODE not in text
    api = client.get("/api/repeatability").get_json()
    assert api["all"]["persons"] == 2
    assert "K7QF2MXD" not in str(api)
    own = client.get(f"/api{PERSON}").get_json()
    assert list(own["sites"]) == ["vertex"]
    assert own["sites"]["vertex"].keys() >= {"visit_cv_pct", "reposition_cv_pct", "icc", "mdc95_pct"}


def test_it_is_reached_from_about_and_from_the_overview(client: FlaskClient) -> None:
    assert 'href="/repeatability"' in text_of(client, "/about")
    assert f'href="{PERSON}"' in text_of(client, f"/person/{CODE}")


def test_the_disclaimer_stands_before_a_persons_page(app) -> None:  # type: ignore[no-untyped-def]
    from web import create_app

    client = create_app(FixtureStation(acknowledged=False)).test_client()  # type: ignore[arg-type]
    assert "Least detectable change" not in text_of(client, PERSON)
    assert client.get("/person/nobody/repeatability").status_code == 404


def test_it_speaks_german(client: FlaskClient, station: FixtureStation) -> None:
    station.runs = (run("vertex", 160),)
    client.set_cookie("lang", "de")
    text = text_of(client, PERSON)
    assert "<h1>Wiederholbarkeit</h1>" in text
    assert "Kleinste erkennbare Veränderung" in text
    assert "Head put back" not in text
