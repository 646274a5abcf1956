"""`station measure`: photographs in, densities with their error out."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station import __version__
from station.cli import options
from station.cli.leaving_out import Rectangle, leave_out, rectangle
from station.cli.outputs import check_outputs, map_files, points_written
from station.cli.reporting import Report, photographs_of, shown_name
from station.errors import ImageError, StorageError, UsageError
from station.imaging import checked_px_per_mm, encode_png, read_with_transparency, write_durably
from station.names import readable

if TYPE_CHECKING:
    from station.density.engine import Engine
    from station.values import Calibre, Interval, Measurement, UInt8Image

SOFTWARE = f"hair-density-station {__version__}"


@dataclass(frozen=True, slots=True)
class _How:
    """How each photograph is measured: the options that do not name files."""

    px_per_mm: float
    ignored: tuple[Rectangle, ...]
    thin_um: float
    backend: str
    model: str


@click.command("measure", no_args_is_help=True)
@click.argument("images", nargs=-1, required=True, type=options.PathValue(), metavar="IMAGE...")
@click.option(
    "--px-per-mm",
    type=options.Scale(),
    metavar="NUMBER",
    help="Scale of the photographs in pixels per mm, 15 to 500. Needed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object per image.")
@click.option(
    "--map",
    "map_path",
    type=options.PathValue(),
    metavar="MAP.png",
    help="Write the density map over the photograph as PNG; a folder when there are several images.",
)
@click.option(
    "--points",
    "points_path",
    type=options.PathValue(),
    metavar="POINTS.jsonl",
    help="Write the counted hair roots and follicular units as JSON Lines, in pixels of the upright photograph.",
)
@click.option(
    "--ignore",
    "ignored",
    metavar="x0,y0,x1,y1",
    multiple=True,
    help="Leave a rectangle out, in pixels of the upright photograph. May be given several times.",
)
@click.option(
    "--thin-um",
    type=click.FloatRange(20, 60),
    default=30.0,
    show_default=True,
    help="Diameter in um below which a hair counts as thin; 30, 40 and 45 are in use.",
)
@click.option(
    "--engine",
    "backend",
    type=click.Choice(["auto", "ai-edge-litert", "tflite-runtime"]),
    default="auto",
    show_default=True,
    help="Run-time for the model; auto takes the fastest that works.",
)
@click.option(
    "--model",
    type=click.Choice(["density", "density-synthetic"]),
    default="density",
    show_default=True,
    help="Which model counts: adapted to real photographs, or trained on rendered views alone.",
)
def measure(
    images: tuple[Path, ...],
    px_per_mm: float | None,
    as_json: bool,
    map_path: Path | None,
    points_path: Path | None,
    ignored: tuple[str, ...],
    thin_um: float,
    backend: str,
    model: str,
) -> None:
    """Count hairs and follicular units in photographs of the scalp.

    IMAGE is a photograph (JPEG, PNG, TIFF, BMP, WebP) or a folder, of which all photographs are measured; other files
    in it are passed over, also density maps that an earlier run drew. Each density comes with its 90 % interval. The
    scale is taken as uncertain by 1 %.

    Coordinates (--points, --ignore) are pixels of the photograph as a viewer shows it, that is after the rotation
    noted in its EXIF data; 0,0 is the top left corner.

    One image or map that fails does not stop the others. POINTS.jsonl holds what was measured, also after Ctrl-C; when
    nothing could be measured there is no such file, not even an older one.

    Exit code: 0 when every image was measured, 1 when one could not be, 2 for wrong use.

    \b
    Example:
      station measure visit3/ --px-per-mm 181.4 --map maps/ --points visit3.jsonl
    """
    if px_per_mm is None:
        raise UsageError("The scale is missing: add --px-per-mm, for example --px-per-mm 181.4.")
    scale = checked_px_per_mm(px_per_mm)
    rectangles = tuple(rectangle(text) for text in ignored)
    paths, empty_folders = photographs_of(images)
    check_outputs(paths, map_path, points_path)
    maps = map_files(images, paths, map_path)
    report = _Report(as_json, paths, "Measuring")
    with points_written(points_path, len(paths)) as points:
        for error in empty_folders:
            report.failure(error)
        _measure_each(paths, _How(scale, rectangles, thin_um, backend, model), maps, report, points)
    if report.failed:
        sys.exit(1)


def _measure_each(
    paths: list[Path],
    how: _How,
    maps: dict[Path, Path],
    report: _Report,
    points: list[str],
) -> None:
    """Measure and report every photograph, and add its line to `points`; one that fails does not stop the others."""
    if not paths:
        return
    engine = _engine(how.backend, how.model)
    with report.progress() as progress:
        for path in progress:
            try:
                pixels, measurement = _measured(path, how, engine)
                points.append(_points_line(path, measurement))
                report.result(path, measurement)
                if path in maps:
                    _write_map(maps[path], pixels, measurement)
            except (ImageError, StorageError) as error:
                report.failure(error)
            except MemoryError:
                report.failure(ImageError(f"{path} does not fit in memory: make it smaller."))


def _engine(backend: str, model: str) -> Engine:
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.density.engine import Backend, Engine
    from station.density.model import load_model
    from station.density.selftest import self_test

    engine = Engine(load_model(model), None if backend == "auto" else Backend(backend))
    self_test(engine)
    return engine


def _measured(path: Path, how: _How, engine: Engine) -> tuple[UInt8Image, Measurement]:
    from station.calibration.profile import NOMINAL_REL_SD
    from station.calibration.standard import with_scale
    from station.density.measure import measure as measure_image

    pixels, shown = read_with_transparency(path)
    image = with_scale(pixels, how.px_per_mm, NOMINAL_REL_SD, f"stated:{how.px_per_mm:g} px/mm")
    leave_out(image, shown, how.ignored, path)
    try:
        return pixels, measure_image(image, engine, thin_hair_um=how.thin_um)
    except ImageError as error:
        raise type(error)(f"{path}: {error.operator}", person=error.person) from error


def _write_map(target: Path, pixels: UInt8Image, measurement: Measurement) -> None:
    from station.density.drawing import draw_map

    write_durably(target, encode_png(draw_map(pixels, measurement), drawn=True))


def _points_line(path: Path, measurement: Measurement) -> str:
    """One line of --points; a point is [x, y] in pixels."""
    scale = measurement.px_per_mm
    row = {
        "image": readable(path),
        "hairs": [[round(h.x_mm * scale, 2), round(h.y_mm * scale, 2)] for h in measurement.hairs],
        "follicular_units": [[round(u.x_mm * scale, 2), round(u.y_mm * scale, 2)] for u in measurement.units],
    }
    return json.dumps(row) + "\n"


class _Report(Report):
    """The table of densities, or JSON Lines."""

    def result(self, path: Path, measurement: Measurement) -> None:
        if self.as_json:
            self.say(json.dumps(_json_row(path, measurement)))
            return
        name_width = self.name_width
        if not self.headed:
            self.say(
                f"{'image':{name_width}}  {'FU/cm2 (90 %)':>17}  {'hairs/cm2 (90 %)':>19}  {'hairs/FU':>8}  {'cm2':>5}"
            )
            self.headed = True
        per_unit = "-" if measurement.hairs_per_fu is None else f"{measurement.hairs_per_fu:.2f}"
        self.say(
            f"{shown_name(path):{name_width}}  {_with_interval(measurement.fu_per_cm2, measurement.fu_interval):>17}"
            f"  {_with_interval(measurement.hairs_per_cm2, measurement.hairs_interval):>19}  {per_unit:>8}"
            f"  {measurement.counted_area_cm2:5.2f}"
        )
        for warning in measurement.quality.warnings:
            self.say(f"{'':{name_width}}  {warning}")


def _with_interval(value: float, interval: Interval) -> str:
    return f"{value:.1f} ({interval.low:.0f}-{interval.high:.0f})"


def _json_row(path: Path, measurement: Measurement) -> dict[str, Any]:
    per_unit = measurement.hairs_per_fu
    quality = measurement.quality
    made_by = measurement.provenance
    return {
        "image": readable(path),
        "fu_per_cm2": round(measurement.fu_per_cm2, 3),
        "hairs_per_cm2": round(measurement.hairs_per_cm2, 3),
        "fu_count": measurement.fu_count,
        "hair_count": measurement.hair_count,
        "hairs_per_fu": None if per_unit is None else round(per_unit, 4),
        "counted_area_cm2": round(measurement.counted_area_cm2, 5),
        "interval90": {
            "fu_per_cm2": [round(measurement.fu_interval.low, 3), round(measurement.fu_interval.high, 3)],
            "hairs_per_cm2": [round(measurement.hairs_interval.low, 3), round(measurement.hairs_interval.high, 3)],
        },
        "calibre": _calibre(measurement.calibre),
        "grey_share": _rounded(measurement.grey_share, 4),
        "short_share": _rounded(measurement.short_share, 4),
        "quality": {
            "countable_share": round(quality.countable_share, 4),
            "sharpness": round(quality.sharpness, 3),
            "glare_share": round(quality.glare_share, 4),
            "dark_share": round(quality.dark_share, 4),
            "coverage": round(quality.coverage, 4),
            "not_counted": {reason: round(share, 4) for reason, share in quality.losses},
            "calibration": made_by.calibration_id,
            "warnings": list(quality.warnings),
        },
        "model": {"name": made_by.model, "sha256": made_by.model_sha256, "engine": made_by.engine},
        "software": SOFTWARE,
    }


def _calibre(calibre: Calibre | None) -> dict[str, Any] | None:
    if calibre is None:
        return None
    return {
        "mean_um": _rounded(calibre.mean_um, 2),
        "median_um": _rounded(calibre.median_um, 2),
        "thin_share": _rounded(calibre.thin_share, 4),
        "thin_um": calibre.threshold_um,
        "hairs": calibre.hairs,
        "edge_spread_um": _rounded(calibre.edge_spread_um, 2),
        "withheld": calibre.reason,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
