"""The command line: `station COMMAND`. Commands are thin; the work is the service's."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

import click

import station
from station.cli.calendar import calendar
from station.cli.capture import capture
from station.cli.demo import demo
from station.cli.doctor import doctor
from station.cli.erase import erase
from station.cli.measure import measure
from station.cli.quick import quick
from station.cli.record import record
from station.cli.repeatability import repeatability
from station.cli.serve import serve
from station.cli.session import session
from station.cli.settings import settings
from station.cli.tray import tray
from station.cli.trends import trends
from station.errors import StationError
from station.names import escaped


class StationGroup(click.Group):
    """Prints every error of the station and of the system as one sentence on stderr and leaves with its exit code."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """As click's, and no name that the terminal's encoding lacks ends the work: its letters show as \\xff."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StationError as error:
            click.echo(escaped(f"Error: {error.operator}"), err=True)
            ctx.exit(error.exit_code)
        except OSError as error:  # what no room foresees: a name that no file can have, an output that is full
            if error.errno == errno.EPIPE or not error.strerror:
                raise  # click ends quietly when nobody reads on
            if not error.filename:
                _discard_output()
            place = error.filename or "The output"
            sentence = f"Error: {place} cannot be used ({error.strerror}): choose another place."
            click.echo(escaped(sentence), err=True)
            ctx.exit(1)


def _discard_output() -> None:
    """What could not be written stays in stdout's buffer: Python would try it again at its end, and fail with 120."""
    with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@click.group(cls=StationGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(station.__version__, prog_name="station")
def main() -> None:
    """Measure hair density on the scalp: follicular units and hairs per cm2, each with its error.

    Everything stays on this computer. Begin with `station demo`, which shows a simulated person's year on a page, or
    `station measure`, which counts in photographs of your own. `station doctor` says what is missing.

    Settings come from a file and from the environment: `station settings` lists them all.
    """


for command in (
    *(demo, serve, measure, tray, capture, session, quick, repeatability),
    *(trends, calendar, record, erase, doctor, settings),
):
    main.add_command(command)
