"""The density models as they are shipped: an int8 graph each, what its numbers mean, and the golden tiles.

`models/NAME.json` says how `models/NAME.tflite` is to be used; `models/golden.npz` holds small tiles whose counts by
each model are known. Every defect becomes one `ModelError` that says what to do.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.errors import ModelError

MODELS = ("density", "density-synthetic")
"""The models that are shipped, the default first: adapted to real photographs, and trained on rendered views alone."""

GRAPH_SUFFIX = ".tflite"
CARD_SUFFIX = ".json"
TEXT_SUFFIX = ".md"
GOLDEN_FILE = "golden.npz"

ADVICE = "install the station again, or train the model anew with models/training"


@dataclass(frozen=True, slots=True)
class Head:
    """How one heat map is read.

    threshold: lowest score of a point (`station.density.detect.agreed_roots`);
    nms_radius_mm: two points are never nearer than this.
    """

    threshold: float
    nms_radius_mm: float


@dataclass(frozen=True, slots=True)
class IntervalModel:
    """Calibrated error of a count (see `station.density.interval`), in log units."""

    bias: float
    a: float
    b: float
    c: float = 0.0


@dataclass(frozen=True, slots=True)
class IntervalGroup:
    """The calibrated errors of photographs of one kind.

    hair: how much of the scalp the hair covers, a plain word; max_coverage: up to this share; min_px_per_mm: from this
    scale of the photograph on.
    """

    hair: str
    max_coverage: float
    min_px_per_mm: float
    fu: IntervalModel
    hairs: IntervalModel


@dataclass(frozen=True, slots=True)
class Counts:
    """Follicular units and hairs."""

    fu: float
    hairs: float


@dataclass(frozen=True, slots=True, eq=False)
class DensityModel:
    """A checked model.

    working_px_per_mm: scale the graph was trained for; tile: side of its input in working pixels; context: working
    pixels at each side of a tile whose output is thrown away; stride: working pixels per map cell; golden_tiles:
    (N, tile, tile, 3) uint8 RGB with `golden_counts`; graph: the flat buffer.
    """

    name: str
    version: str
    sha256: str
    working_px_per_mm: float
    tile: int
    context: int
    stride: int
    hair: Head
    level: float
    intervals: tuple[IntervalGroup, ...]
    golden_tiles: NDArray[np.uint8]
    golden_counts: tuple[Counts, ...]
    graph: bytes

    @property
    def label(self) -> str:
        """Name and version, as they stand in a measurement's provenance."""
        return f"{self.name} {self.version}"

    def interval_group(self, coverage: float, px_per_mm: float) -> IntervalGroup:
        """The group of a photograph: the first that it fits, and the last for what fits none."""
        fitting = (one for one in self.intervals if coverage <= one.max_coverage and px_per_mm >= one.min_px_per_mm)
        return next(fitting, self.intervals[-1])


def load_model(name: str = MODELS[0], folder: Traversable | None = None) -> DensityModel:
    """The model of that name in `folder` (default: those that are shipped with the station).

    Raises ModelError when a file is missing, damaged, or does not fit the others.
    """
    if folder is None:
        folder = _shipped()
    graph_file, card_file = name + GRAPH_SUFFIX, name + CARD_SUFFIX
    graph = _read(folder, graph_file)
    card = _Card(card_file, _json_object(card_file, _read(folder, card_file)))
    sha256 = hashlib.sha256(graph).hexdigest()
    if card.text("sha256") != sha256:
        raise ModelError(
            f"The density model {graph_file} is damaged or of another version (its SHA-256 is not the one in "
            f"{card_file}): {ADVICE}."
        )
    tile, context, stride = (
        card.integer("tile", 32, 4096),
        card.integer("context", 0, 1024),
        card.integer("stride", 1, 16),
    )
    if tile % stride or context % stride or 2 * context >= tile:
        raise ModelError(
            f"In {card_file} tile {tile}, context {context} and stride {stride} do not fit together: {ADVICE}."
        )
    golden_counts = tuple(
        Counts(row.number("fu", 0, 1e6), row.number("hairs", 0, 1e6)) for row in card.objects("golden")
    )
    interval = card.object("interval")
    return DensityModel(
        name=card.text("name"),
        version=card.text("version"),
        sha256=sha256,
        working_px_per_mm=card.number("working_px_per_mm", 5, 500),
        tile=tile,
        context=context,
        stride=stride,
        hair=Head(card.number("threshold", 0.001, 10), card.number("nms_radius_mm", 0, 2)),
        level=interval.number("level", 0.9, 0.9),
        intervals=tuple(_group(row) for row in interval.objects("groups")),
        golden_tiles=_golden_tiles(_read(folder, GOLDEN_FILE), card_file, (len(golden_counts), tile, tile, 3)),
        golden_counts=golden_counts,
        graph=graph,
    )


def card_text(name: str) -> str:
    """The model card in Markdown of a shipped model; empty where it is missing."""
    card = _shipped().joinpath(name + TEXT_SUFFIX)
    return card.read_text("utf-8") if card.is_file() else ""


def _shipped() -> Traversable:
    try:
        return importlib.resources.files("models")
    except ModuleNotFoundError as error:
        raise ModelError(f"The density model is not installed (no package `models`): {ADVICE}.") from error


class _Card:
    """A model's JSON file with typed access; a missing or odd entry is a ModelError that names it."""

    def __init__(self, file: str, row: Mapping[str, Any], path: str = "") -> None:
        self._file = file
        self._row = row
        self._path = path

    def _value(self, key: str) -> Any:
        if key not in self._row:
            raise ModelError(f"{self._file} has no entry `{self._path}{key}`: {ADVICE}.")
        return self._row[key]

    def _wrong(self, key: str, wanted: str) -> ModelError:
        return ModelError(f"{self._file}: `{self._path}{key}` must be {wanted}, not {self._row[key]!r}: {ADVICE}.")

    def text(self, key: str) -> str:
        value = self._value(key)
        if not isinstance(value, str) or not value:
            raise self._wrong(key, "a text")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        value = self._value(key)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not low <= value <= high:
            raise self._wrong(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def integer(self, key: str, low: int, high: int) -> int:
        value = self.number(key, low, high)
        if not value.is_integer():
            raise self._wrong(key, "a whole number")
        return int(value)

    def object(self, key: str) -> _Card:
        value = self._value(key)
        if not isinstance(value, dict):
            raise self._wrong(key, "an object")
        return _Card(self._file, value, f"{self._path}{key}.")

    def objects(self, key: str) -> list[_Card]:
        value = self._value(key)
        if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
            raise self._wrong(key, "a list of objects")
        return [_Card(self._file, row, f"{self._path}{key}[{index}].") for index, row in enumerate(value)]


def _group(row: _Card) -> IntervalGroup:
    return IntervalGroup(
        row.text("hair"),
        row.number("max_coverage", 0, 1),
        row.number("min_px_per_mm", 0, 500),
        _interval(row.object("fu")),
        _interval(row.object("hairs")),
    )


def _interval(row: _Card) -> IntervalModel:
    return IntervalModel(row.number("bias", -2, 2), *(row.number(key, 0, 20) for key in ("a", "b", "c")))


def _read(folder: Traversable, name: str) -> bytes:
    try:
        return folder.joinpath(name).read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"The density model's file {name} is missing: {ADVICE}.") from error
    except OSError as error:
        raise ModelError(f"The density model's file {name} cannot be read ({error.strerror}): {ADVICE}.") from error


def _json_object(name: str, data: bytes) -> dict[str, Any]:
    try:
        row = json.loads(data)
    except ValueError as error:
        raise ModelError(f"The density model's file {name} is not valid JSON: {ADVICE}.") from error
    if not isinstance(row, dict):
        raise ModelError(f"The density model's file {name} does not hold a JSON object: {ADVICE}.")
    return row


def _golden_tiles(data: bytes, card_file: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            tiles: NDArray[np.uint8] = archive["tiles"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"The density model's file {GOLDEN_FILE} is damaged: {ADVICE}.") from error
    if tiles.shape != shape or tiles.dtype != np.uint8:
        raise ModelError(
            f"The density model's file {GOLDEN_FILE} does not fit {card_file} (tiles of shape {tiles.shape} where "
            f"{shape} are stated): {ADVICE}."
        )
    return tiles
