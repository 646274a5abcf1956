"""`station calendar`: a person's reminders as a calendar file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from station.cli import options
from station.cli.trends import LANGUAGES


@click.command()
@options.config
@options.data
@click.argument("person")
@click.option(
    "--out",
    type=options.PathValue(dir_okay=False),
    metavar="FILE.ics",
    help="Write the calendar there instead of printing it.",
)
@click.option("--detailed", is_flag=True, help="Titles name tests and substances; without it they say neither.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the titles.")
def calendar(
    config: Path | None, data: Path | None, person: str, out: Path | None, detailed: bool, language: str
) -> None:
    """A person's reminders as an iCalendar file: monthly visits, blood tests, injections, the confirmation.

    PERSON is the person's code, or `demo` in a demonstration's folder. The plain file names nobody, no test and no
    medicine, so that it can go into a calendar that others see.

    Exit code: 0 when the person is on record, 1 otherwise, 2 for wrong use.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.clock import SystemClock
    from station.imaging import write_durably
    from station.records.folder import secret
    from station.service.trends import code_of, findings, reading
    from station.settings import load

    settings = load(config, data_folder=data)
    with reading(settings) as records:
        found = findings(records, code_of(records, person), settings, SystemClock())
    feed = found.calendar(
        secret(settings.data_folder),
        detailed=detailed,
        language=language,
        interpretation=settings.text_interpretation,
    )
    if out is None:
        sys.stdout.buffer.write(feed)
        return
    write_durably(out, feed)
    click.echo(f"Wrote {out}")
