"""The density model as it is shipped: the int8 graph, what its numbers mean, and its golden tiles.

`models/density.json` says how `models/density.tflite` is to be used; `models/golden.npz` holds small tiles whose
counts are known. Every defect becomes one `ModelError` that says what to do.
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

GRAPH_FILE = "density.tflite"
CARD_FILE = "density.json"
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
    """Calibrated error of a count (see `station.density.interval`); all three in log units."""

    bias: float
    a: float
    b: float


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
    fu_interval: IntervalModel
    hairs_interval: IntervalModel
    golden_tiles: NDArray[np.uint8]
    golden_counts: tuple[Counts, ...]
    graph: bytes

    @property
    def label(self) -> str:
        """Name and version, as they stand in a measurement's provenance."""
        return f"{self.name} {self.version}"


def load_model(folder: Traversable | None = None) -> DensityModel:
    """The model in `folder` (default: the one that is shipped with the station).

    Raises ModelError when a file is missing, damaged, or does not fit the others.
    """
    if folder is None:
        try:
            folder = importlib.resources.files("models")
        except ModuleNotFoundError as error:
            raise ModelError(f"The density model is not installed (no package `models`): {ADVICE}.") from error
    graph = _read(folder, GRAPH_FILE)
    card = _Card(_json_object(_read(folder, CARD_FILE)))
    sha256 = hashlib.sha256(graph).hexdigest()
    if card.text("sha256") != sha256:
        raise ModelError(
            f"The density model {GRAPH_FILE} is damaged or of another version (its SHA-256 is not the one in "
            f"{CARD_FILE}): {ADVICE}."
        )
    tile, context, stride = (
        card.integer("tile", 32, 4096),
        card.integer("context", 0, 1024),
        card.integer("stride", 1, 16),
    )
    if tile % stride or context % stride or 2 * context >= tile:
        raise ModelError(
            f"In {CARD_FILE} tile {tile}, context {context} and stride {stride} do not fit together: {ADVICE}."
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
        fu_interval=_interval(interval.object("fu")),
        hairs_interval=_interval(interval.object("hairs")),
        golden_tiles=_golden_tiles(_read(folder, GOLDEN_FILE), (len(golden_counts), tile, tile, 3)),
        golden_counts=golden_counts,
        graph=graph,
    )


class _Card:
    """density.json with typed access; a missing or odd entry is a ModelError that names it."""

    def __init__(self, row: Mapping[str, Any], path: str = "") -> None:
        self._row = row
        self._path = path

    def _value(self, key: str) -> Any:
        if key not in self._row:
            raise ModelError(f"{CARD_FILE} has no entry `{self._path}{key}`: {ADVICE}.")
        return self._row[key]

    def _wrong(self, key: str, wanted: str) -> ModelError:
        return ModelError(f"{CARD_FILE}: `{self._path}{key}` must be {wanted}, not {self._row[key]!r}: {ADVICE}.")

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
        return _Card(value, f"{self._path}{key}.")

    def objects(self, key: str) -> list[_Card]:
        value = self._value(key)
        if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
            raise self._wrong(key, "a list of objects")
        return [_Card(row, f"{self._path}{key}[{index}].") for index, row in enumerate(value)]


def _interval(row: _Card) -> IntervalModel:
    return IntervalModel(row.number("bias", -2, 2), row.number("a", 0, 5), row.number("b", 0, 20))


def _read(folder: Traversable, name: str) -> bytes:
    try:
        return folder.joinpath(name).read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"The density model's file {name} is missing: {ADVICE}.") from error
    except OSError as error:
        raise ModelError(f"The density model's file {name} cannot be read ({error.strerror}): {ADVICE}.") from error


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        row = json.loads(data)
    except ValueError as error:
        raise ModelError(f"The density model's file {CARD_FILE} is not valid JSON: {ADVICE}.") from error
    if not isinstance(row, dict):
        raise ModelError(f"The density model's file {CARD_FILE} does not hold a JSON object: {ADVICE}.")
    return row


def _golden_tiles(data: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            tiles: NDArray[np.uint8] = archive["tiles"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"The density model's file {GOLDEN_FILE} is damaged: {ADVICE}.") from error
    if tiles.shape != shape or tiles.dtype != np.uint8:
        raise ModelError(
            f"The density model's file {GOLDEN_FILE} does not fit {CARD_FILE} (tiles of shape {tiles.shape} where "
            f"{shape} are stated): {ADVICE}."
        )
    return tiles
