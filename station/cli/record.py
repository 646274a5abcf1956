"""`station record`: the health record from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from station.cli import options
from station.errors import RefusedEntryError, UsageError
from station.names import escaped

if TYPE_CHECKING:
    from station.clock import Timestamp
    from station.records.entry_rows import Stored
    from station.service.health_record import HealthRecord

SHOWN = 60
"""Characters of a field in a list; `--json` shows all of it."""

F = TypeVar("F", bound=Callable[..., Any])

_by = click.option("--by", default="", metavar="NAME", help="Who enters or changes it.")
_confirm = click.option("--confirm", is_flag=True, help="Odd values were checked and are right.")
_keep = click.option(
    "--keep", is_flag=True, help="Store a laboratory result that cannot be read as it was printed, marked for review."
)


def _common(command: F) -> F:
    return options.config(options.data(command))


@click.group()
def record() -> None:
    """The health record: blood values, supplements, events and what else belongs beside the density.

    A demonstration's folder is refused. Exit codes: 0 when it was done, 1 for a failure, 2 for an entry that was
    refused, with one line for each field, and for wrong use.
    """


@record.command()
@_common
def new(config: Path | None, data: Path | None) -> None:
    """A new person without a photograph, for whom entries can be made. The code is printed."""
    from station.cli.opening import desk

    with desk(config, data) as station:
        click.echo(f"New person: {station.records.new_person(station.clock.now()).code}")


@record.command()
@_common
@click.argument("code")
@click.argument("kind")
@click.argument("fields", nargs=-1, metavar="FIELD=VALUE...")
@_by
@_confirm
@_keep
def add(
    config: Path | None,
    data: Path | None,
    code: str,
    kind: str,
    fields: tuple[str, ...],
    by: str,
    confirm: bool,
    keep: bool,
) -> None:
    """Enter something.

    Dates are best written as 2026-03-05. An entry that is refused changes nothing.

    \b
    Example:
      station record add K7QF2MXD event kind=illness happened=2026-03-05 note="flu, 39 degrees"
    """
    given = _given(fields)
    with _health_record(config, data) as health:
        number = health.add(code, kind, given, by=by, confirmed=confirm, keep=keep)
        _say(f"Entered {kind} {number} of person {code}.")


@record.command("list")
@_common
@click.argument("code")
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array with all fields.")
def list_entries(config: Path | None, data: Path | None, code: str, kind: str | None, as_json: bool) -> None:
    """List the entries of a person, all or of one KIND."""
    from station.service.health_record import READERS

    with _health_record(config, data) as health:
        found = {name: health.entries(code, name) for name in ([kind] if kind else READERS)}
    if as_json:
        rows = [_json_row(name, stored) for name, entries in found.items() for stored in entries]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for name, entries in found.items():
        for stored in entries:
            _say(f"{name} {stored.id}: {_fields(stored.entry)}")
    if not any(found.values()):
        _say(f"There are no {kind + ' ' if kind else ''}entries of person {code}.")


@record.command()
@_common
@click.argument("code")
@click.argument("kind")
@click.argument("number", type=int)
@click.argument("fields", nargs=-1, metavar="FIELD=VALUE...")
@_by
@_confirm
@_keep
def correct(
    config: Path | None,
    data: Path | None,
    code: str,
    kind: str,
    number: int,
    fields: tuple[str, ...],
    by: str,
    confirm: bool,
    keep: bool,
) -> None:
    """Correct fields of entry NUMBER; the others stay, and FIELD= empties one. Its history keeps what stood there."""
    given = _given(fields)
    with _health_record(config, data) as health:
        health.correct(code, kind, number, given, by=by, confirmed=confirm, keep=keep)
        _say(f"Corrected {kind} {number} of person {code}: {_fields(health.entry(code, kind, number).entry)}")


@record.command()
@_common
@click.argument("code")
@click.argument("kind")
@click.argument("number", type=int)
def history(config: Path | None, data: Path | None, code: str, kind: str, number: int) -> None:
    """What happened to entry NUMBER: when, by whom, and what stood there before and after."""
    with _health_record(config, data) as health:
        for change in health.history(code, kind, number):
            line = f"{_moment(change.at)} {change.action}" + (f" by {change.by}" if change.by else "")
            if change.before is None:
                _say(line + (f": {_fields(change.after)}" if change.after else ""))
            else:
                _say(f"{line}: {_fields(change.before)} -> {_fields(change.after)}")


@record.command()
@_common
@click.argument("code")
@click.argument("kind")
@click.argument("number", type=int)
@_by
def remove(config: Path | None, data: Path | None, code: str, kind: str, number: int, by: str) -> None:
    """Delete entry NUMBER, which should never have been entered, and what its history held of it.

    That something was removed, when and by whom, stays. To change an entry, correct it.
    """
    with _health_record(config, data) as health:
        health.remove(code, kind, number, by=by)
        _say(f"Removed {kind} {number} of person {code}.")


@contextmanager
def _health_record(config: Path | None, data: Path | None) -> Iterator[HealthRecord]:
    """The health record; an entry that it refuses is one line for each field, and exit code 2."""
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.cli.opening import desk

    with desk(config, data) as station:
        try:
            yield station.health_record
        except RefusedEntryError as error:
            for name, sentence in error.fields.items():
                _say(f"{name}: {sentence}{' (--confirm)' if name in error.odd else ''}", err=True)
            sys.exit(error.exit_code)


def _given(fields: Sequence[str]) -> dict[str, str | list[str]]:
    """Fields as text; several values of one field are a list."""
    found: dict[str, list[str]] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals or not name:
            raise UsageError(f"{field!r} is no field: write it like happened=2026-03-05.")
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _fields(entry: Any) -> str:
    """The fields of an entry that are filled in, in one line."""
    from station.service.health_record import typed

    parts = []
    for name, value in typed(entry).items():
        text = value if isinstance(value, str) else ",".join(value)
        parts.append(f"{name}={text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}")
    return " ".join(parts + [f"[{mark}]" for mark in entry.review])


def _json_row(kind: str, stored: Stored[Any]) -> dict[str, Any]:
    from station.records.entry_rows import plain

    entered = {"utc": stored.entered.utc.isoformat(), "offset_minutes": stored.entered.offset_minutes}
    return {
        "kind": kind,
        "id": stored.id,
        "entered": {**entered, "clock": str(stored.entered.status)},
        "by": stored.by,
        "entry": plain(stored.entry),
    }


def _moment(at: Timestamp) -> str:
    return f"{at.utc:%Y-%m-%d %H:%M} UTC"


def _say(text: str, *, err: bool = False) -> None:
    click.echo(escaped(text), err=err)
