"""`station capture`: photographs of one site, stored and measured."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.errors import UsageError

if TYPE_CHECKING:
    from station.records.rows import CaptureRow


@click.command()
@options.config
@options.data
@click.option("--person", "code", metavar="CODE", help="Code of the person, as shown when the person was new.")
@click.option("--new", is_flag=True, help="A new person; the code is printed.")
@click.option("--site", required=True, metavar="SITE", help="Site of the protocol, for example vertex.")
@click.option(
    "--frames", type=click.IntRange(1, 50), default=1, show_default=True, metavar="N", help="How many photographs."
)
@click.option(
    "--camera",
    type=click.Choice(["picamera2", "replay", "simulated"]),
    help="Where photographs come from (setting camera.driver).",
)
@click.option("--rig", metavar="NAME", help="Rig profile (setting rig.profile).")
@click.option(
    "--folder", metavar="FOLDER", help="Folder of the photographs for --camera replay (setting replay.folder)."
)
@click.option("--px-per-mm", type=float, metavar="NUMBER", help="Their scale in px/mm (setting replay.px_per_mm).")
def capture(
    config: Path | None,
    data: Path | None,
    code: str | None,
    new: bool,
    site: str,
    frames: int,
    camera: str | None,
    rig: str | None,
    folder: str | None,
    px_per_mm: float | None,
) -> None:
    """Take photographs of one site, store them and measure them.

    Each photograph is safely on the disk before it is measured. What was stored and what was measured is printed.
    Exit code: 0 when every photograph was taken and measured, 1 when one could not be, 2 for wrong use.

    \b
    Examples:
      station capture --new --site vertex
      station capture --person K7QF2MXD --site occipital --frames 3
      station capture --new --site vertex --camera replay --folder photos/ --rig microscope-7mm
    """
    if new == (code is not None):
        raise UsageError("Say whose photograph it is: either --person CODE or --new.")
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.clock import SystemClock
    from station.rig.build import open_rig
    from station.service.station import Station
    from station.settings import load

    settings = load(
        config,
        data_folder=data,
        camera_driver=camera,
        rig_profile=rig,
        replay_folder=folder,
        replay_px_per_mm=px_per_mm,
    )
    if (folder or px_per_mm is not None) and settings.camera_driver != "replay":
        raise UsageError(
            "--folder and --px-per-mm belong to photographs of a folder: add --camera replay, or leave them out for "
            f"the {settings.camera_driver} camera."
        )
    clock = SystemClock()
    station = Station(settings, clock)
    try:
        station.protocol.site(site)
        held = open_rig(settings, clock)
        try:
            person = station.records.new_person(clock.now()) if code is None else station.records.person(code)
            if new:
                click.echo(f"New person: {person.code}")
            taken = []
            for _ in range(frames):
                with _tidy_end():
                    taken.append(station.capture(held, person, site))
                row = station.records.capture(taken[-1])
                click.echo(
                    f"Stored photograph {row.capture_id}: visit {row.visit}, {row.site}, frame {row.frame}, "
                    f"{station.images.path(row.image)}"
                )
            if held.camera.unavailable:
                missing = ", ".join(held.camera.unavailable)
                click.echo(f"This camera has no {missing}: it was not locked.", err=True)
        finally:
            held.close()
        station.measure_all()
        rows = [station.records.capture(capture_id) for capture_id in taken]
    finally:
        station.close()
    for row in rows:
        click.echo(_measured(row), err=row.measurement is None)
    if any(row.measurement is None for row in rows):
        sys.exit(1)


@contextmanager
def _tidy_end() -> Iterator[None]:
    """SIGTERM and SIGHUP end the command as Ctrl-C does: the lamp goes off and the record is closed first."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _measured(row: CaptureRow) -> str:
    """One line of numbers with their error."""
    found = row.measurement
    if found is None:
        return f"Photograph {row.capture_id} could not be measured: {row.error}"
    fu, hairs = found.fu_interval, found.hairs_interval
    return (
        f"Measured photograph {row.capture_id}: {found.fu_per_cm2:.1f} FU/cm2 ({fu.low:.0f} to {fu.high:.0f}), "
        f"{found.hairs_per_cm2:.1f} hairs/cm2 ({hairs.low:.0f} to {hairs.high:.0f}) on {found.counted_area_cm2:.2f} cm2"
    )
