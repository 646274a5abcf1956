"""The page that compares two visits: what it shows, how it refuses, and its data."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

from tests.web.fixture_comparison import NOT_THE_SAME
from tests.web.fixture_station import CODE, FixtureStation
from web import create_app

COMPARE = f"/person/{CODE}/compare"
PAIR = "site=vertex&a=1&b=5"


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


def test_it_shows_the_sentence_the_slider_and_a_legend_with_counts(client: FlaskClient) -> None:
    text = text_of(client, f"{COMPARE}?{PAIR}")
    assert "Between 3 Mar 2025 and 1 Jul 2025 hairs/cm² at one site (vertex) changed by −5.6 %" in text
    assert "(95 % interval −7.6 % to −3.6 %)." in text
    assert '<input id="divide" type="range"' in text
    counts = client.get(f"/api{COMPARE}?{PAIR}").get_json()["counts"]
    for name, words in (("kept", "found again"), ("lost", "not found again"), ("new", "new")):
        assert f'data-class="{name}"' in text
        assert f">{words}</span> <output>{counts[name]}</output>" in text
        assert f'id="mark-{name}"' in text
    assert counts["kept"] > counts["lost"] > 0
    assert counts["changed"] > 0
    assert 'data-map="hairs"' in text
    assert "0.48 cm², or 87 % of the first photograph" in text
    assert "31 µm apart" in text
    assert "Date" not in text.split("<h1>")[1].split("</h1>")[0]


def test_without_a_choice_the_first_site_at_the_baseline_and_the_latest_visit(client: FlaskClient) -> None:
    text = text_of(client, COMPARE)
    assert "Between 3 Mar 2025 and 26 Feb 2026 hairs/cm² at one site (frontal)" in text
    assert '<option value="frontal" selected>' in text


def test_the_same_as_data(client: FlaskClient) -> None:
    found = client.get(f"/api{COMPARE}?{PAIR}").get_json()
    assert found["accepted"] is True
    assert found["before"]["number"] == 1
    assert found["hairs_change"]["percent_interval"] == {"low": -7.6, "high": -3.6, "level": 0.95}
    assert {hair["state"] for hair in found["hairs"]} == {"kept", "lost", "new"}
    assert found["map"]["pitch_mm"] == 1.0
    assert found["map"]["hairs"][0][8] is None
    assert found["sentences"][0]["key"] == "pair.changed"


def test_pictures(client: FlaskClient) -> None:
    photo = client.get(f"{COMPARE}/after.jpg?{PAIR}&w=640")
    assert (photo.status_code, photo.mimetype) == (200, "image/jpeg")
    assert client.get(f"{COMPARE}/map-hairs.png?{PAIR}").mimetype == "image/png"
    assert client.get(f"{COMPARE}/map-calibre.png?{PAIR}").status_code == 404
    assert client.get(f"{COMPARE}/after.jpg?{PAIR}&w=1").status_code == 400


def test_a_pair_that_cannot_be_compared_says_why(client: FlaskClient) -> None:
    text = text_of(client, f"{COMPARE}?site={NOT_THE_SAME}&a=1&b=5")
    assert "These two visits cannot be compared" in text
    assert "were not recognised as the same place" in text
    assert text.count("<figure>") == 2
    assert "divide" not in text
    found = client.get(f"/api{COMPARE}?site={NOT_THE_SAME}&a=1&b=5").get_json()
    assert (found["accepted"], found["hairs"], found["hairs_change"]) == (False, [], None)
    assert found["reason"]["key"] == "pair.elsewhere"


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("site=nose", 404, "has no site called"),
        ("site=vertex&a=1&b=1", 400, "cannot be compared with itself"),
        ("site=vertex&a=1&b=99", 404, "not on record"),
        ("site=vertex&a=-1", 400, "whole number from 1"),
        ("site=<script>", 404, "has no site called"),
    ],
)
def test_wrong_choices_are_one_sentence(client: FlaskClient, query: str, status: int, sentence: str) -> None:
    text = text_of(client, f"{COMPARE}?{query}", status)
    assert sentence in text
    assert "<script>" not in client.get(f"{COMPARE}?{query}").get_data(as_text=True)


def test_one_visit_is_too_few() -> None:
    client = create_app(FixtureStation(visits=1)).test_client()  # type: ignore[arg-type]
    assert "A comparison takes two visits" in text_of(client, COMPARE)
    assert "Compare with another visit" not in text_of(client, f"/person/{CODE}/visit/1/site/vertex")


def test_it_is_reached_from_the_sites_page(client: FlaskClient) -> None:
    assert f'href="{COMPARE}?site=vertex&b=5"' in text_of(client, f"/person/{CODE}/visit/5/site/vertex")
    assert f'href="{COMPARE}?site=vertex"' in text_of(client, f"/person/{CODE}/visit/1/site/vertex")


def test_the_disclaimer_stands_before_it() -> None:
    client = create_app(FixtureStation(acknowledged=False)).test_client()  # type: ignore[arg-type]
    assert "divide" not in text_of(client, f"{COMPARE}?{PAIR}")


def test_it_speaks_german(client: FlaskClient) -> None:
    client.set_cookie("lang", "de")
    text = text_of(client, f"{COMPARE}?{PAIR}")
    assert "Haare/cm² an einer Stelle (Wirbel) um −5,6 %" in text
    assert "nicht wiedergefunden" in text
    assert "found again" not in text
