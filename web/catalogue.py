"""The catalogues of translations, kept up to date: `python -m web.catalogue`.

English texts are the messages. They come from `station/trends/texts/*.toml`, from the pages' own texts and from names
in data files; each language has one `station.po`, which is edited, and one `station.mo`, which is made from it and read
at run time.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from station.trends.sentences import DOMAIN, LANGUAGES, LOCALES, texts
from web import text, vocabulary
from web.compare_text import CompareText
from web.live_text import LiveText
from web.record_text import RecordText
from web.repeatability_text import RepeatabilityText
from web.session_text import SessionText
from web.trends_text import TrendsText

MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Stands in the catalogues for the time of making, so that the same texts give the same bytes."""

WIDTH = 120


def messages() -> Mapping[str, tuple[str, ...]]:
    """Every English text with the keys that it has."""
    found: dict[str, list[str]] = {}
    for key, english in (*texts().items(), *_page_texts(), *vocabulary.data_names()):
        found.setdefault(english, []).append(key)
    return {english: tuple(keys) for english, keys in found.items()}


def po_file(language: str) -> Path:
    """The catalogue of a language."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def translations(language: str) -> Mapping[str, str]:
    """What the catalogue of a language holds: English to translation, without those that are still missing."""
    file = po_file(language)
    if not file.exists():
        return {}
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=language, domain=DOMAIN)
    return {str(each.id): str(each.string) for each in catalogue if each.id and each.string}


def catalogue(language: str, known: Mapping[str, str]) -> Catalog:
    """The catalogue of all texts, with the translations that are known."""
    made = Catalog(language, DOMAIN, project="hair-density-station", creation_date=MADE, revision_date=MADE)
    for english, keys in sorted(messages().items(), key=lambda item: item[1]):
        made.add(english, known.get(english, ""), auto_comments=keys)
    return made


def compiled(made: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, made)
    return out.getvalue()


def write(language: str, known: Mapping[str, str]) -> None:
    """Write both files of a language."""
    made, file = catalogue(language, known), po_file(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, made, width=WIDTH)
    file.with_suffix(".mo").write_bytes(compiled(made))


def fields(message: str) -> frozenset[str]:
    """Names of what is filled in; a translation has the same ones."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(message) if name is not None)


def _page_texts() -> Iterator[tuple[str, str]]:
    for place, texts_of in (
        ("page", text.Text),
        ("record", RecordText),
        ("trends", TrendsText),
        ("visit", SessionText),
        ("live", LiveText),
        ("repeatability", RepeatabilityText),
        ("compare", CompareText),
        ("live", LiveText),
    ):
        for name, words in vars(texts_of).items():
            if isinstance(words, text.Words):
                yield from ((f"{place}.{name}", message) for message in words.messages())


@click.command()
@click.argument("language", type=click.Choice(LANGUAGES[1:]), default=LANGUAGES[1])
@click.option("--missing", type=click.Path(path_type=Path), help="Write the texts without translation here, as JSON.")
@click.option("--fill", type=click.Path(exists=True, path_type=Path), help="Take translations from such a JSON file.")
def main(language: str, missing: Path | None, fill: Path | None) -> None:
    """Bring the catalogue of a LANGUAGE up to date with the texts. Ends with 1 while a translation is missing."""
    known = dict(translations(language))
    if fill is not None:
        known |= {english: word for english, word in json.loads(fill.read_text("utf-8")).items() if word}
    write(language, known)
    left = [english for english in messages() if english not in known]
    wrong = [english for english in messages() if english in known and fields(known[english]) != fields(english)]
    if missing is not None:
        missing.write_text(json.dumps(dict.fromkeys(left, ""), ensure_ascii=False, indent=1) + "\n", "utf-8")
    for english in wrong:
        click.echo(f"Other placeholders than in English: {english}", err=True)
    click.echo(f"{po_file(language)}: {len(messages())} texts, {len(left)} without translation.")
    raise SystemExit(1 if left or wrong else 0)


if __name__ == "__main__":
    main()
