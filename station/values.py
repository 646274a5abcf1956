"""The value types that travel between the rooms (docs/architecture.md, "the path of a capture").

Coordinates in mm have their origin at the top left corner of the photograph, x to the right, y down, on the
plane of the site. Areas are in cm2, densities per cm2.
"""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.clock import Timestamp

UInt8Image = NDArray[np.uint8]
BoolMask = NDArray[np.bool_]
FloatArray = NDArray[np.float32]


class Lamp(enum.StrEnum):
    """Which of the rig's two LED rings is lit."""

    OFF = "off"
    CROSS = "cross-polarised"
    PARALLEL = "parallel-polarised"
    EXTERNAL = "external"  # a photograph taken elsewhere: its light is unknown


@dataclass(frozen=True, slots=True)
class Controls:
    """Camera controls, as requested or as the frame's metadata confirmed them. None: not stated."""

    exposure_us: int | None = None
    analogue_gain: float | None = None
    colour_gains: tuple[float, float] | None = None  # red, blue
    lens_position: float | None = None  # dioptres

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Frame:
    """One exposure as the camera gave it.

    pixels: (H, W, 3) uint8, RGB.
    """

    pixels: UInt8Image
    requested: Controls
    confirmed: Controls
    lamp: Lamp
    taken: Timestamp
    rig_id: str
    source: str = ""  # a file name for replayed photographs, otherwise empty


@dataclass(frozen=True, slots=True)
class StandardImage:
    """A photograph of known scale, ready to be counted.

    pixels: (H, W, 3) uint8, RGB; px_per_mm: scale on the plane of the site; px_per_mm_rel_sd: its relative
    standard uncertainty; countable: (H, W) bool, True where hairs can be counted (in focus, no glare, not left
    out by hand); calibration_id: name and hash of the calibration profile.
    """

    pixels: UInt8Image
    px_per_mm: float
    px_per_mm_rel_sd: float
    countable: BoolMask
    calibration_id: str

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the view in mm."""
        return self.pixels.shape[1] / self.px_per_mm, self.pixels.shape[0] / self.px_per_mm


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval that covers the true value with probability `level`."""

    low: float
    high: float
    level: float = 0.90


@dataclass(frozen=True, slots=True)
class HairRoot:
    """Where a hair shaft leaves the skin.

    unit: index into `Measurement.units`; -1 where the unit's centre lies outside the counted area; direction_rad:
    azimuth of the visible shaft from the root (0 to the right, pi/2 down); length_mm: its visible length, as far as
    it was followed; diameter_um: its width. None: not seen well enough to say.
    """

    x_mm: float
    y_mm: float
    score: float
    unit: int
    direction_rad: float | None = None
    length_mm: float | None = None
    diameter_um: float | None = None


@dataclass(frozen=True, slots=True)
class Calibre:
    """How thick the hairs of a photograph are.

    mean_um, median_um: over the `hairs` whose shafts could be measured; thin_share: share of those below
    `threshold_um`; edge_spread_um: 10-90 % width of a sharp edge on the scalp, None where it could not be measured;
    reason: a sentence that says why mean, median and share are withheld (None), otherwise empty.
    """

    mean_um: float | None
    median_um: float | None
    thin_share: float | None
    threshold_um: float
    hairs: int
    edge_spread_um: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FollicularUnit:
    """A follicular unit: the mean position of its hair roots, and how many there are."""

    x_mm: float
    y_mm: float
    hairs: int
    score: float


@dataclass(frozen=True, slots=True)
class DensityMap:
    """Local density on a grid over the photograph.

    fu_per_cm2, hairs_per_cm2: (rows, columns) float32, NaN where nothing could be counted; pitch_mm: size of a
    cell; the grid's first cell begins at the photograph's top left corner.
    """

    fu_per_cm2: FloatArray
    hairs_per_cm2: FloatArray
    pitch_mm: float
    smoothing_mm: float  # standard deviation of the Gaussian window


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What matching needs of a photograph beside the counted hairs.

    weak: (K, 3) float32, x_mm, y_mm and score of points in the countable area that fell short of the `threshold` for a
    hair; countable: (rows, columns) bool, cells of pitch_mm from the photograph's top left corner in which a hair would
    have been counted.
    """

    weak: FloatArray
    threshold: float
    countable: BoolMask
    pitch_mm: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a number: without it a number does not travel."""

    model: str  # name of the model
    model_sha256: str
    engine: str  # "ai-edge-litert 2.1.6" or "tflite-runtime 2.14.0"
    calibration_id: str
    software: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How well the photograph could be counted. warnings: plain sentences.

    coverage: share of the counted area under hair, 0 to 1; losses: why the rest was not counted, each reason (a plain
    word) with its share of the photograph.
    """

    countable_share: float  # 0 to 1, of the photograph's area
    sharpness: float  # edge energy at the working scale; above 1 is in focus
    glare_share: float
    dark_share: float
    warnings: tuple[str, ...] = ()
    coverage: float = 0.0
    losses: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one photograph says about density, with its error and provenance.

    grey_share, short_share: of the hairs that show it, 0 to 1 (definitions in `station.density.hairs`); None where
    too few do. evidence: None where it was not kept.
    """

    hairs: tuple[HairRoot, ...]
    units: tuple[FollicularUnit, ...]
    counted_area_cm2: float
    fu_per_cm2: float
    fu_interval: Interval
    hairs_per_cm2: float
    hairs_interval: Interval
    map: DensityMap
    quality: Quality
    provenance: Provenance
    px_per_mm: float = field(default=0.0)
    calibre: Calibre | None = None
    grey_share: float | None = None
    short_share: float | None = None
    evidence: Evidence | None = None

    @property
    def fu_count(self) -> int:
        return len(self.units)

    @property
    def hair_count(self) -> int:
        return len(self.hairs)

    @property
    def hairs_per_fu(self) -> float | None:
        """Mean number of hairs per follicular unit; None when there is no unit."""
        return self.hair_count / self.fu_count if self.units else None


@dataclass(frozen=True, slots=True, eq=False)
class TrayHair:
    """One hair that was followed on the tray. path_mm: (m, 2) float32, mm from the photograph's top left corner."""

    path_mm: FloatArray
    length_mm: float
    short: bool


@dataclass(frozen=True, slots=True)
class TrayCount:
    """Shed hairs on a tray. hairs: those that were followed; where hairs cross a lot one hair may be there in two
    pieces, so that the counts, corrected for it, can be lower than their number. short: of 30 mm or less.
    hair_mm_per_cm2: how thick they lie; area_cm2: of the tray that was looked at; calibration_id: scale and the
    calibration of the intervals."""

    hairs: tuple[TrayHair, ...]
    count: int
    count_interval: Interval
    short: int
    short_interval: Interval
    longer: int
    longer_interval: Interval
    total_length_mm: float
    hair_mm_per_cm2: float
    area_cm2: float
    px_per_mm: float
    calibration_id: str
    warnings: tuple[str, ...] = ()
