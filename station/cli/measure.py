"""`station measure`: photographs in, densities with their error out."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station import __version__
from station.errors import ImageError, StorageError, UsageError
from station.imaging import (
    SUFFIXES,
    check_writable,
    checked_px_per_mm,
    encode_png,
    photographs_in,
    read_photograph,
    write_durably,
)

if TYPE_CHECKING:
    from station.density.engine import Engine
    from station.values import Interval, Measurement, UInt8Image

SOFTWARE = f"hair-density-station {__version__}"

Rectangle = tuple[float, float, float, float]


@click.command("measure", no_args_is_help=True)
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IMAGE...")
@click.option("--px-per-mm", type=float, help="Scale of the photographs in pixels per mm, 15 to 500. Needed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object per image.")
@click.option(
    "--map",
    "map_path",
    type=click.Path(path_type=Path),
    metavar="MAP.png",
    help="Write the density map over the photograph as PNG; a folder when there are several images.",
)
@click.option(
    "--points",
    "points_path",
    type=click.Path(path_type=Path),
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
    "--engine",
    "backend",
    type=click.Choice(["auto", "ai-edge-litert", "tflite-runtime"]),
    default="auto",
    show_default=True,
    help="Run-time for the model; auto takes the fastest that works.",
)
def measure(
    images: tuple[Path, ...],
    px_per_mm: float | None,
    as_json: bool,
    map_path: Path | None,
    points_path: Path | None,
    ignored: tuple[str, ...],
    backend: str,
) -> None:
    """Count hairs and follicular units in photographs of the scalp.

    IMAGE is a photograph (JPEG, PNG, TIFF, BMP, WebP) or a folder, of which all photographs are measured; other files
    in it are passed over. Each density comes with its 90 % interval. The scale is taken as uncertain by 1 %.

    Coordinates (--points, --ignore) are pixels of the photograph as a viewer shows it, that is after the rotation
    noted in its EXIF data; 0,0 is the top left corner.

    Exit code: 0 when every image was measured, 1 when one could not be, 2 for wrong use.

    \b
    Example:
      station measure visit3/ --px-per-mm 181.4 --map maps/ --points visit3.jsonl
    """
    if px_per_mm is None:
        raise UsageError("The scale is missing: add --px-per-mm, for example --px-per-mm 181.4.")
    scale = checked_px_per_mm(px_per_mm)
    rectangles = tuple(_rectangle(text) for text in ignored)
    paths, empty_folders = _photographs(images)
    _check_outputs(paths, map_path, points_path)
    maps = _map_files(images, paths, map_path)
    if points_path:
        check_writable(points_path)
    report = _Report(as_json, paths)
    for error in empty_folders:
        report.failure(error)
    points = _measure_each(paths, scale, rectangles, backend, maps, report)
    if points_path and points:
        write_durably(points_path, "".join(points).encode())
    if report.failed:
        sys.exit(1)


def _measure_each(
    paths: list[Path],
    px_per_mm: float,
    ignored: tuple[Rectangle, ...],
    backend: str,
    maps: dict[Path, Path],
    report: _Report,
) -> list[str]:
    """Measure and report every photograph; one that cannot be measured does not stop the others. Lines of points."""
    points: list[str] = []
    if not paths:
        return points
    engine = _engine(backend)
    with report.progress() as progress:
        for path in progress:
            try:
                pixels, measurement = _measured(path, px_per_mm, ignored, engine)
            except ImageError as error:
                report.failure(error)
                continue
            if path in maps:
                _write_map(maps[path], pixels, measurement)
            points.append(_points_line(path, measurement))
            report.result(path, measurement)
    return points


def _rectangle(text: str) -> Rectangle:
    """x0,y0,x1,y1 in pixels; UsageError for anything else."""
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(f"--ignore {text!r} is not four numbers x0,y0,x1,y1 in pixels.") from error
    if not all(map(math.isfinite, (x0, y0, x1, y1))) or x0 >= x1 or y0 >= y1:
        raise UsageError(f"--ignore {text!r} is no rectangle: x0 must be less than x1, and y0 less than y1.")
    return x0, y0, x1, y1


def _photographs(images: tuple[Path, ...]) -> tuple[list[Path], list[ImageError]]:
    """The files to measure, each once, and an error for each folder without photographs."""
    for path in images:
        try:
            path.stat()
        except OSError as error:
            problem = f"cannot be opened ({error.strerror})"
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                problem = "does not exist"
            raise UsageError(f"{path} {problem}: give photographs or folders.") from error
    found: dict[Path, None] = {}
    errors: list[ImageError] = []
    for path in images:
        if not path.is_dir():
            found[path] = None
            continue
        try:
            found.update(dict.fromkeys(photographs_in(path)))
        except ImageError as error:
            errors.append(error)
    return list(found), errors


def _check_outputs(paths: list[Path], map_path: Path | None, points_path: Path | None) -> None:
    """Refuse outputs that would take the place of a photograph or of each other."""
    if map_path and map_path.suffix.lower() in SUFFIXES - {".png"} and not map_path.is_dir():
        raise UsageError(f"--map {map_path}: maps are written as PNG; give a name that ends in .png, or a folder.")
    photographs = {path.resolve() for path in paths}
    taken: Path | None = None
    for option, target in (("--map", map_path), ("--points", points_path)):
        if target is None:
            continue
        if target.resolve() in photographs:
            raise UsageError(f"{option} {target} would overwrite the photograph: give another name.")
        if target.resolve() == taken:
            raise UsageError(f"--map and --points both name {target}: give two names.")
        taken = target.resolve()


def _map_files(images: tuple[Path, ...], paths: list[Path], target: Path | None) -> dict[Path, Path]:
    """Where each photograph's map goes: `target` itself for one image, otherwise one file each in the folder."""
    if target is None:
        return {}
    is_folder = target.is_dir() or target.suffix.lower() != ".png"
    if not is_folder:
        if len(images) > 1 or images[0].is_dir():
            raise UsageError(f"--map {target} is one file for several images: give a folder.")
        check_writable(target)
        return dict.fromkeys(paths, target)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {target} cannot be made ({error.strerror}): choose another for --map."
        ) from error
    files: dict[Path, Path] = {}
    for path in paths:
        name, number = f"{path.stem}-density", 1
        while (file := target / f"{name}.png") in files.values() or file.resolve() == path.resolve():
            number += 1
            name = f"{path.stem}-density-{number}"
        files[path] = file
    for file in list(files.values())[:1]:
        check_writable(file)
    return files


def _engine(backend: str) -> Engine:
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.density.engine import Backend, Engine
    from station.density.model import load_model
    from station.density.selftest import self_test

    engine = Engine(load_model(), None if backend == "auto" else Backend(backend))
    self_test(engine)
    return engine


def _measured(
    path: Path, px_per_mm: float, ignored: tuple[Rectangle, ...], engine: Engine
) -> tuple[UInt8Image, Measurement]:
    from station.calibration.profile import NOMINAL_REL_SD
    from station.calibration.standard import with_scale
    from station.density.measure import measure as measure_image

    pixels = read_photograph(path)
    image = with_scale(pixels, px_per_mm, NOMINAL_REL_SD, f"stated:{px_per_mm:g} px/mm")
    for x0, y0, x1, y1 in ignored:
        left, top = max(0, math.floor(x0)), max(0, math.floor(y0))
        image.countable[top : max(0, math.ceil(y1)), left : max(0, math.ceil(x1))] = False
    try:
        return pixels, measure_image(image, engine)
    except ImageError as error:
        raise ImageError(f"{path}: {error.operator}", person=error.person) from error


def _write_map(target: Path, pixels: UInt8Image, measurement: Measurement) -> None:
    from station.density.drawing import draw_map

    write_durably(target, encode_png(draw_map(pixels, measurement)))


def _points_line(path: Path, measurement: Measurement) -> str:
    """One line of --points; a point is [x, y] in pixels."""
    scale = measurement.px_per_mm
    row = {
        "image": str(path),
        "hairs": [[round(h.x_mm * scale, 2), round(h.y_mm * scale, 2)] for h in measurement.hairs],
        "follicular_units": [[round(u.x_mm * scale, 2), round(u.y_mm * scale, 2)] for u in measurement.units],
    }
    return json.dumps(row) + "\n"


@dataclass(slots=True)
class _Report:
    """Results on stdout, failures on stderr; kept back while a progress bar stands on the same terminal."""

    as_json: bool
    paths: list[Path]
    failed: int = 0
    _headed: bool = False
    _shows_bar: bool = False
    _kept: list[tuple[str, bool]] = field(default_factory=list)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Iterable[Path]]:
        """The paths one by one, with a progress bar on stderr when it is a terminal; then what was kept back."""
        try:
            self._shows_bar = len(self.paths) > 1 and sys.stderr.isatty()
            if self._shows_bar:
                with click.progressbar(self.paths, label="Measuring", file=sys.stderr, show_pos=True) as bar:
                    yield bar
            else:
                yield self.paths
        finally:
            self._shows_bar = False
            for text, err in self._kept:
                click.echo(text, err=err)
            self._kept.clear()

    def result(self, path: Path, measurement: Measurement) -> None:
        if self.as_json:
            self._say(json.dumps(_json_row(path, measurement)))
            return
        name_width = max(len(str(each)) for each in self.paths)
        if not self._headed:
            self._say(
                f"{'image':{name_width}}  {'FU/cm2 (90 %)':>17}  {'hairs/cm2 (90 %)':>19}  {'hairs/FU':>8}  {'cm2':>5}"
            )
            self._headed = True
        per_unit = "-" if measurement.hairs_per_fu is None else f"{measurement.hairs_per_fu:.2f}"
        self._say(
            f"{path!s:{name_width}}  {_with_interval(measurement.fu_per_cm2, measurement.fu_interval):>17}"
            f"  {_with_interval(measurement.hairs_per_cm2, measurement.hairs_interval):>19}  {per_unit:>8}"
            f"  {measurement.counted_area_cm2:5.2f}"
        )
        for warning in measurement.quality.warnings:
            self._say(f"{'':{name_width}}  {warning}")

    def failure(self, error: ImageError) -> None:
        self.failed += 1
        self._say(f"Error: {error.operator}", err=True)

    def _say(self, text: str, *, err: bool = False) -> None:
        if self._shows_bar:
            self._kept.append((text, err))
        else:
            click.echo(text, err=err)


def _with_interval(value: float, interval: Interval) -> str:
    return f"{value:.1f} ({interval.low:.0f}-{interval.high:.0f})"


def _json_row(path: Path, measurement: Measurement) -> dict[str, Any]:
    per_unit = measurement.hairs_per_fu
    quality = measurement.quality
    made_by = measurement.provenance
    return {
        "image": str(path),
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
        "quality": {
            "countable_share": round(quality.countable_share, 4),
            "sharpness": round(quality.sharpness, 3),
            "glare_share": round(quality.glare_share, 4),
            "dark_share": round(quality.dark_share, 4),
            "calibration": made_by.calibration_id,
            "warnings": list(quality.warnings),
        },
        "model": {"name": made_by.model, "sha256": made_by.model_sha256, "engine": made_by.engine},
        "software": SOFTWARE,
    }
