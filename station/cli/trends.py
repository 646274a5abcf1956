"""`station trends`: what the pages say about a person, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options

if TYPE_CHECKING:
    from station.trends.analysis import PersonTrends
    from station.trends.sentences import Sentence

LANGUAGES = ("en", "de")


@click.command()
@options.config
@options.data
@click.argument("person")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the sentences.")
def trends(config: Path | None, data: Path | None, person: str, as_json: bool, language: str) -> None:
    """What can be said about a person now, with the numbers behind it.

    PERSON is the person's code, or `demo` in a demonstration's folder. Sentences that interpret are left out where the
    setting text.interpretation is off. The folder may be in use by a running station meanwhile.

    Exit code: 0 when the person is on record, 1 otherwise, 2 for wrong use.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.clock import SystemClock
    from station.service.trends import code_of, findings, reading
    from station.settings import load

    settings = load(config, data_folder=data)
    with reading(settings) as records:
        found = findings(records, code_of(records, person), settings, SystemClock())
    interpretation = settings.text_interpretation
    if as_json:
        content = found.data(language=language, interpretation=interpretation)
        click.echo(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1))
        return
    for sentence in headlines(found.trends):
        if interpretation or not sentence.interpreting:
            click.echo(sentence.text(language))


def headlines(found: PersonTrends) -> tuple[Sentence, ...]:
    """The sentences that a reader wants first: what is urgent, what can be said now, and where the person stands."""
    return (
        *(prompt.sentence for prompt in found.prompts),
        *found.ladder.sentences,
        *found.phase.sentences,
        *found.recovery.sentences,
        *(step.sentence for step in found.milestones.steps),
        found.milestones.sentence,
        *found.distribution.sentences,
    )
