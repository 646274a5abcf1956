"""`station tray`: photographs of shed hairs on a white tray in, counts with their error out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station import __version__
from station.cli import options
from station.cli.leaving_out import Rectangle, leave_out, rectangle
from station.cli.outputs import check_outputs, map_files
from station.cli.reporting import Report, photographs_of, shown_name
from station.errors import ImageError, StorageError, UsageError
from station.imaging import checked_px_per_mm, encode_png, read_with_transparency, write_durably
from station.names import readable

if TYPE_CHECKING:
    from station.values import Interval, TrayCount, UInt8Image

SOFTWARE = f"hair-density-station {__version__}"


@click.command("tray", no_args_is_help=True)
@click.argument("images", nargs=-1, required=True, type=options.PathValue(), metavar="IMAGE...")
@click.option(
    "--px-per-mm",
    type=options.Scale(),
    metavar="NUMBER",
    help="Scale of the photographs in pixels per mm, 15 to 500; the tray profile has 20.28. Needed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object per image.")
@click.option(
    "--map",
    "map_path",
    type=options.PathValue(),
    metavar="MAP.png",
    help="Write the photograph with each hair in a colour as PNG; a folder when there are several images.",
)
@click.option(
    "--ignore",
    "ignored",
    metavar="x0,y0,x1,y1",
    multiple=True,
    help="Leave a rectangle out, a ruler or a label, in pixels of the upright photograph. May be given several times.",
)
@click.option("--record", "code", metavar="CODE", help="Enter the count into this person's record; one image.")
@click.option("--method", metavar="NAME", help="How the hairs were gathered: comb-60s, wash-24h, wash-5d or daily.")
@click.option("--counted", metavar="DATE", help="Day on which they were gathered; today unless given.")
@options.config
@options.data
def tray(
    images: tuple[Path, ...],
    px_per_mm: float | None,
    as_json: bool,
    map_path: Path | None,
    ignored: tuple[str, ...],
    code: str | None,
    method: str | None,
    counted: str | None,
    config: Path | None,
    data: Path | None,
) -> None:
    """Count shed hairs on a white tray, short ones (3 cm or less) and longer ones apart.

    IMAGE is a photograph of the whole tray (JPEG, PNG, TIFF, BMP, WebP) or a folder, of which all photographs are
    counted. Each count comes with its 90 % interval. Lay the hairs apart; more than 150, or long ones, in portions.

    With --record the count is entered as a shed count of the person, with how the hairs were gathered.

    Exit code: 0 when every image was counted, 1 when one could not be, 2 for wrong use.

    \b
    Examples:
      station tray wash.jpg --px-per-mm 20.28 --map wash-tray.png
      station tray comb.jpg --px-per-mm 20.28 --record K7QF2MXD --method comb-60s
    """
    if px_per_mm is None:
        raise UsageError("The scale is missing: add --px-per-mm, for example --px-per-mm 20.28.")
    scale = checked_px_per_mm(px_per_mm)
    rectangles = tuple(rectangle(text) for text in ignored)
    paths, empty_folders = photographs_of(images)
    if (code is None) != (method is None) or (counted is not None and code is None):
        raise UsageError("To enter a count say both whose it is and how it was made: --record CODE --method NAME.")
    if code is not None and len(paths) != 1:
        raise UsageError(f"One photograph is entered at a time; here are {len(paths)}.")
    check_outputs(paths, map_path, None)
    maps = map_files(images, paths, map_path, "tray")
    report = _Report(as_json, paths, "Counting")
    for error in empty_folders:
        report.failure(error)
    with report.progress() as progress:
        for path in progress:
            try:
                pixels, found = _counted(path, scale, rectangles)
                report.result(path, found)
                if path in maps:
                    _write_map(maps[path], pixels, found)
                if code is not None and method is not None:
                    _enter(config, data, code, found, method, counted)
            except (ImageError, StorageError) as failure:
                report.failure(failure)
            except MemoryError:
                report.failure(ImageError(f"{path} does not fit in memory: make it smaller."))
    if report.failed:
        sys.exit(1)


def _counted(path: Path, px_per_mm: float, rectangles: tuple[Rectangle, ...]) -> tuple[UInt8Image, TrayCount]:
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.calibration.profile import NOMINAL_REL_SD
    from station.calibration.standard import with_scale
    from station.density.tray import count_tray

    pixels, shown = read_with_transparency(path)
    image = with_scale(pixels, px_per_mm, NOMINAL_REL_SD, f"stated:{px_per_mm:g} px/mm")
    leave_out(image, shown, rectangles, path)
    try:
        return pixels, count_tray(image)
    except ImageError as error:
        raise type(error)(f"{path}: {error.operator}", person=error.person) from error


def _enter(
    config: Path | None, data: Path | None, code: str, found: TrayCount, method: str, counted: str | None
) -> None:
    """Raises RefusedEntryError with every field at fault."""
    from station.cli.opening import desk
    from station.service.health_record import typed
    from station.service.shed import shed_entry

    with desk(config, data) as station:
        fields = typed(shed_entry(found, method, station.health_record.today()))
        if counted is not None:
            fields["counted"] = counted
        number = station.health_record.add(code, "shed", fields)
    click.echo(f"Entered as shed count {number} of {code}.", err=True)


def _write_map(target: Path, pixels: UInt8Image, counted: TrayCount) -> None:
    from station.density.tray_drawing import draw_tray

    write_durably(target, encode_png(draw_tray(pixels, counted), drawn=True))


class _Report(Report):
    """The table of counts, or JSON Lines."""

    def result(self, path: Path, counted: TrayCount) -> None:
        if self.as_json:
            self.say(json.dumps(_json_row(path, counted)))
            return
        width = self.name_width
        if not self.headed:
            self.say(
                f"{'image':{width}}  {'hairs (90 %)':>15}  {'short (90 %)':>15}  {'longer (90 %)':>15}  {'px/mm':>6}"
            )
            self.headed = True
        self.say(
            f"{shown_name(path):{width}}  {_with_interval(counted.count, counted.count_interval):>15}"
            f"  {_with_interval(counted.short, counted.short_interval):>15}"
            f"  {_with_interval(counted.longer, counted.longer_interval):>15}  {counted.px_per_mm:6.2f}"
        )
        for warning in counted.warnings:
            self.say(f"{'':{width}}  {warning}")


def _with_interval(count: int, interval: Interval) -> str:
    return f"{count} ({interval.low:.0f}-{interval.high:.0f})"


def _json_row(path: Path, counted: TrayCount) -> dict[str, Any]:
    return {
        "image": readable(path),
        "count": counted.count,
        "short": counted.short,
        "longer": counted.longer,
        "interval90": {
            "count": [counted.count_interval.low, counted.count_interval.high],
            "short": [counted.short_interval.low, counted.short_interval.high],
            "longer": [counted.longer_interval.low, counted.longer_interval.high],
        },
        "short_up_to_mm": 30,
        "total_length_mm": round(counted.total_length_mm, 1),
        "hair_mm_per_cm2": round(counted.hair_mm_per_cm2, 2),
        "area_cm2": round(counted.area_cm2, 2),
        "px_per_mm": counted.px_per_mm,
        "warnings": list(counted.warnings),
        "calibration": counted.calibration_id,
        "software": SOFTWARE,
    }
