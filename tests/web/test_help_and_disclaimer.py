"""The help pages, and the disclaimer that stands before a person's pages until it is acknowledged."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

from station.entries import AcknowledgedEntry
from station.trends import education
from tests.web.fixture_health import TODAY
from tests.web.fixture_station import CODE, FixtureStation
from web import create_app

PERSON = f"/person/{CODE}"
WHOLE = "a qualified health professional must interpret these records"


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


@pytest.fixture
def newcomer() -> FixtureStation:
    return FixtureStation(acknowledged=False)


@pytest.mark.req("REQ-41")
@pytest.mark.parametrize(
    "address",
    [PERSON, f"{PERSON}/visit/5", f"{PERSON}/visit/5/site/vertex", f"{PERSON}/record", f"{PERSON}/record/event/new"],
)
def test_the_disclaimer_comes_first(newcomer: FixtureStation, address: str) -> None:
    text = text_of(create_app(newcomer).test_client(), f"{address}?visit=2")
    assert WHOLE in text
    assert f'name="back" value="{address}?visit=2"' in text
    assert "changed by" not in text
    assert 'id="headline"' not in text


@pytest.mark.req("REQ-41")
def test_it_is_acknowledged_once_and_that_is_logged(newcomer: FixtureStation) -> None:
    client = create_app(newcomer).test_client()
    answer = client.post(f"{PERSON}/acknowledge", data={"back": f"{PERSON}/visit/5"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{PERSON}/visit/5")
    (stored,) = newcomer.health_record.entries(CODE, "acknowledged")
    assert stored.entry == AcknowledgedEntry(TODAY, education.DISCLAIMER_VERSION)
    assert 'id="headline"' in text_of(client, PERSON)


@pytest.mark.req("REQ-41")
def test_another_wording_is_acknowledged_anew(newcomer: FixtureStation) -> None:
    newcomer.health_record.put("acknowledged", AcknowledgedEntry(TODAY, "disclaimer/0"))
    assert WHOLE in text_of(create_app(newcomer).test_client(), PERSON)


def test_parts_of_a_page_lead_to_the_disclaimer(newcomer: FixtureStation) -> None:
    answer = create_app(newcomer).test_client().get(f"{PERSON}/live", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, PERSON)


def test_a_form_is_not_taken_before_the_disclaimer(newcomer: FixtureStation) -> None:
    client = create_app(newcomer).test_client()
    client.post(f"{PERSON}/record/event/new", data={"kind": "haircut", "happened": "2026-02-03"})
    assert newcomer.health_record.entries(CODE, "event") == ()


def test_the_acknowledgement_leads_nowhere_else(newcomer: FixtureStation) -> None:
    answer = create_app(newcomer).test_client().post(f"{PERSON}/acknowledge", data={"back": "//evil.example"})
    assert answer.headers["HX-Redirect"] == "/"


def test_an_unknown_person_is_not_on_record(newcomer: FixtureStation) -> None:
    client = create_app(newcomer).test_client()
    assert client.get("/person/NOBODY").status_code == 404
    assert client.post("/person/NOBODY/acknowledge").status_code == 404


@pytest.mark.req("REQ-02", "REQ-24", "REQ-40", "REQ-42")
def test_help_has_every_page_with_its_sources(client: FlaskClient) -> None:
    contents = text_of(client, "/help")
    for page in education.pages():
        assert f'href="/help/{page.id}"' in contents
        text = text_of(client, f"/help/{page.id}")
        for sentence in (page.title, *page.paragraphs, *page.sources):
            assert sentence.text().replace("\u00a0", " ") in text
        assert (page.disputed is not None) == ("Disputed:" in text)
    assert client.get("/help/nothing").status_code == 404


@pytest.mark.req("REQ-41")
def test_help_and_disclaimer_stay_without_interpretation() -> None:
    client = create_app(FixtureStation(acknowledged=False), interpretation=False).test_client()
    assert WHOLE in text_of(client, PERSON)
    assert "need prompt medical attention" in text_of(client, "/about")
    assert "Disputed:" in text_of(client, "/help/b12")
