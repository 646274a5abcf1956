"""`station erase`: everything of a person is deleted for good."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli import options
from station.errors import UsageError


@click.command()
@options.config
@options.data
@click.argument("code")
@click.option("--yes", is_flag=True, help="Do not ask for the code once more.")
def erase(config: Path | None, data: Path | None, code: str, yes: bool) -> None:
    """Delete a person for good: photographs, measurements, entries with their history, derived pictures.

    CODE is the person's code. Nothing can be brought back. What stays is a line without a code that says that
    somebody was erased, and when. A power cut half-way is made good by the next start. The database is written anew,
    which needs room on the disk for it once more. Copies that were made elsewhere, in backups too, stay where they
    are. A demonstration's folder is refused.

    Exit code: 0 when the person is erased, 1 for a failure, 2 for wrong use.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.cli.opening import opened

    with opened(config, data) as station:
        station.records.person(code)  # asked for only if there is such a person
        if not yes:
            again = click.prompt(f"Everything of person {code} is deleted for good. Type the code again", default="")
            if again.strip() != code:
                raise UsageError(f"That is not {code}: nothing was deleted.")
        click.echo(station.erase(code).sentence)
