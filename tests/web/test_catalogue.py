"""Every text has a German translation that is filled in alike, and what is read at run time is made from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from station.trends.sentences import LANGUAGES
from web import catalogue, text

OTHERS = LANGUAGES[1:]
HOW = "bring it up to date with: python -m web.catalogue"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    known = catalogue.translations(language)
    assert [english for english in catalogue.messages() if english not in known] == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_are_filled_in_like_the_english_texts(language: str) -> None:
    for english, translation in catalogue.translations(language).items():
        assert catalogue.fields(translation) == catalogue.fields(english), english


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogues_are_made_from_the_texts(language: str) -> None:
    known = catalogue.translations(language)
    assert set(known) <= set(catalogue.messages()), HOW
    made = catalogue.compiled(catalogue.catalogue(language, known))
    assert catalogue.po_file(language).with_suffix(".mo").read_bytes() == made, HOW


def test_the_texts_of_pages_and_trends_are_both_in_it() -> None:
    found = catalogue.messages()
    assert "page.product" in found["Hair density station"]
    assert "change.none" in found["Not enough data to tell a change"]
    assert {"page.explain", "page.clocks"} <= {key for keys in found.values() for key in keys}


def test_the_command_keeps_translations_and_lists_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "LOCALES", tmp_path)
    todo = tmp_path / "todo.json"
    first = CliRunner().invoke(catalogue.main, ["de", "--missing", str(todo)])
    assert first.exit_code == 1
    assert '"Start": ""' in todo.read_text("utf-8")
    todo.write_text('{"Start": "Anfang", "{done} of {planned}": "{done}"}', "utf-8")
    second = CliRunner().invoke(catalogue.main, ["de", "--fill", str(todo)])
    assert "Other placeholders than in English: {done} of {planned}" in second.output
    CliRunner().invoke(catalogue.main, ["de"])
    assert catalogue.translations("de") == {"Start": "Anfang", "{done} of {planned}": "{done}"}


def test_page_texts_speak_english_outside_of_an_answer() -> None:
    assert text.TEXT.nav_start == "Start"
    assert text.TEXT.clocks["rtc"] == "hardware clock"
    assert len(text.TEXT.explain) == 3
