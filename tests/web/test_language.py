"""The pages in the reader's language: the choice, the cookie, numbers and dates, the API."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.trends.sentences import say
from tests.web.fixture_station import CODE, FixtureStation
from web import create_app
from web.language import said

PERSON = f"/person/{CODE}"
WARNING = "12 % of the photograph is out of focus and was left out."
"""Comes from the measurement, word for word."""


def text_of(client: FlaskClient, address: str, **headers: str) -> str:
    answer = client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


def german() -> FlaskClient:
    return create_app(FixtureStation(), language="de").test_client()


def test_pages_are_english_by_default_whatever_the_browser_prefers(client: FlaskClient) -> None:
    text = text_of(client, PERSON, Accept_Language="de-DE,de;q=0.9")
    assert '<html lang="en">' in text
    assert "Hairs/cm²: within measurement error since 3 Mar 2025" in text


def test_pages_are_german_by_the_setting() -> None:
    text = text_of(german(), PERSON)
    assert '<html lang="de">' in text
    assert "<h1>Haare/cm²: seit 3. März 2025 innerhalb des Messfehlers</h1>" in text
    assert 'aria-label="Frontal: 73,5 FE/cm² (90-%-Intervall 68–79)"' in text
    assert "Besuch 13, 26. Feb. 2026" in text


@pytest.mark.parametrize(
    "address", [PERSON, f"{PERSON}/visit/5", f"{PERSON}/visit/5/site/vertex", "/about", "/nothing"]
)
def test_no_english_stands_in_a_german_page(address: str) -> None:
    text = text_of(german(), address)
    assert 'lang="de"' in text
    body = text[text.index("<main") : text.index("</main")].split('id="card-title"')[0]
    words = re.sub(r"<[^>]*>", " ", body).replace(WARNING, "") + " ".join(re.findall(r'aria-label="([^"]*)"', body))
    for english in (" the ", "isit", "Hairs", "measured", "Density"):
        assert english not in words, english


@pytest.mark.parametrize(
    ("prefers", "language"), [("de-AT,de;q=0.9,en;q=0.5", "de"), ("fr,en;q=0.5", "en"), ("fr", "en")]
)
def test_auto_takes_what_the_browser_prefers(prefers: str, language: str) -> None:
    client = create_app(FixtureStation(), language="auto").test_client()
    assert f'<html lang="{language}">' in text_of(client, "/about", Accept_Language=prefers)


def test_the_choice_is_remembered_by_a_cookie_that_says_nothing_else(client: FlaskClient) -> None:
    assert f'href="/language/de?back={PERSON}/visit/5"' in text_of(client, f"{PERSON}/visit/5")
    answer = client.get("/language/de", query_string={"back": f"{PERSON}/visit/5"})
    assert (answer.status_code, answer.location) == (303, f"{PERSON}/visit/5")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("lang=de;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert '<html lang="de">' in text_of(client, "/about")
    client.get("/language/en")
    assert '<html lang="en">' in text_of(client, "/about")


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "", "/a\nb"]
)
def test_the_choice_never_leads_elsewhere(client: FlaskClient, back: str) -> None:
    assert client.get("/language/de", query_string={"back": back}).location == "/"


def test_a_language_that_is_not_there(client: FlaskClient) -> None:
    assert client.get("/language/xx").status_code == 400
    client.set_cookie("lang", "xx")
    assert '<html lang="en">' in text_of(client, "/about")


def test_the_api_speaks_the_readers_language() -> None:
    course = german().get(f"/api/person/{CODE}/course").get_json()
    assert course["headline"]["text"].startswith("Haare/cm²: seit")
    assert course["quantities"][0]["name"] == "Haare/cm²"
    assert course["visits"][0]["fu"]["value_text"] == "82,0"
    assert course["visits"][0]["fu"]["value"] == pytest.approx(82.0)
    assert course["visits"][0]["date"] == "2025-03-03"


@pytest.mark.req("REQ-41")
@pytest.mark.parametrize(("interpretation", "count"), [(True, 2), (False, 1)])
def test_interpreting_sentences_are_left_out_by_the_setting(interpretation: bool, count: int) -> None:
    app: Flask = create_app(FixtureStation(), interpretation=interpretation)
    with app.test_request_context("/"):
        assert len(said([say("change.none"), say("change.none", interpreting=True)])) == count
    text = text_of(app.test_client(), PERSON)
    assert "It does not diagnose or recommend treatment." in text
