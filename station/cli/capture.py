"""`station capture`: photographs of one site, stored and measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.errors import StationError, UsageError

if TYPE_CHECKING:
    from station.records.rows import CaptureRow, PersonRow
    from station.rig.protocols import Rig
    from station.service.station import Station


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
    "--folder",
    type=options.PathValue(),
    metavar="FOLDER",
    help="Folder of the photographs for --camera replay (setting replay.folder).",
)
@click.option(
    "--px-per-mm", type=options.Scale(), metavar="NUMBER", help="Their scale in px/mm (setting replay.px_per_mm)."
)
def capture(
    config: Path | None,
    data: Path | None,
    code: str | None,
    new: bool,
    site: str,
    frames: int,
    camera: str | None,
    rig: str | None,
    folder: Path | None,
    px_per_mm: float | None,
) -> None:
    """Take photographs of one site, store them and measure them.

    Each photograph is safely on the disk before it is measured. What was stored and what was measured is printed. When
    a later photograph fails, those before it are measured all the same; after Ctrl-C or SIGTERM they wait for the next
    start. A new person is on record from the first stored photograph on.

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
    from station.cli.opening import tidy_end
    from station.clock import SystemClock
    from station.rig.build import open_rig
    from station.service.demo import refuse_demonstration
    from station.service.station import Station
    from station.settings import load

    settings = load(
        config,
        data_folder=data,
        camera_driver=camera,
        rig_profile=rig,
        replay_folder=None if folder is None else str(folder),
        replay_px_per_mm=px_per_mm,
    )
    if (folder or px_per_mm is not None) and settings.camera_driver != "replay":
        raise UsageError(
            "--folder and --px-per-mm belong to photographs of a folder: add --camera replay, or leave them out for "
            f"the {settings.camera_driver} camera."
        )
    if folder and not folder.expanduser().is_dir():
        raise UsageError(f"--folder {folder} is no folder: name a folder of photographs.")
    refuse_demonstration(settings)
    clock = SystemClock()
    with tidy_end():
        station = Station(settings, clock)
        try:
            station.protocol.site(site)
            held = open_rig(settings, clock)
            try:
                taken, failure = _take(station, held, code, site, frames)
            finally:
                held.close()
            if not taken and failure is not None:
                raise failure
            rows = _measure(station, taken)
        except BaseException:
            _announce_waiting(station)
            raise
        finally:
            station.close()
    for row in rows:
        click.echo(_measured(row), err=row.measurement is None)
    if failure is not None:
        raise failure
    if any(row.measurement is None for row in rows):
        sys.exit(1)


def _take(
    station: Station, rig: Rig, code: str | None, site: str, frames: int
) -> tuple[list[int], StationError | None]:
    """Takes and stores up to `frames` photographs: their ids, and what kept the next one from being taken.

    code: None for a new person, who is entered with the first photograph.
    """
    person = station.new_person() if code is None else station.records.person(code)
    taken: list[int] = []
    failure: StationError | None = None
    try:
        for _ in range(frames):
            taken.append(station.capture(rig, person, site))
            row = station.records.capture(taken[-1])
            if code is None and len(taken) == 1:
                click.echo(f"New person: {person.code}")
            click.echo(
                f"Stored photograph {row.capture_id}: visit {row.visit}, {row.site}, frame {row.frame}, "
                f"{station.images.path(row.image)}"
            )
        if rig.camera.unavailable:
            missing = ", ".join(rig.camera.unavailable)
            click.echo(f"This camera has no {missing}: it was not locked.", err=True)
    except StationError as error:
        failure = error
    finally:
        if code is None and not taken:
            _name_the_new_person(station, person)
    return taken, failure


def _name_the_new_person(station: Station, person: PersonRow) -> None:
    """The code of someone whose first photograph is on the disk although its row is not, or was not heard of."""
    if (station.images.root / person.code).exists():
        click.echo(f"New person: {person.code}")


def _measure(station: Station, taken: list[int]) -> list[CaptureRow]:
    station.measure_all()
    return [station.records.capture(capture_id) for capture_id in taken]


def _announce_waiting(station: Station) -> None:
    """Says how many photographs are stored and not measured, when the command ends before its end."""
    try:
        waiting = len(station.records.pending())
    except StationError:  # the record is what failed: the sentence that follows says so
        return
    if waiting:
        some = "1 photograph is stored and waits" if waiting == 1 else f"{waiting} photographs are stored and wait"
        click.echo(f"{some} to be measured: the next start of the station measures what waits.", err=True)


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
