"""Points and maps of a measurement as one compact blob (NumPy's .npz, compressed, without pickles)."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.errors import RecordError
from station.values import DensityMap, Evidence, FollicularUnit, HairRoot, Measurement


@dataclass(frozen=True, slots=True)
class MeasurementDetail:
    """Where the hairs and follicular units are, and the local densities."""

    hairs: tuple[HairRoot, ...]
    units: tuple[FollicularUnit, ...]
    map: DensityMap
    evidence: Evidence | None = None


def pack(measurement: Measurement) -> bytes:
    """The blob of a measurement. Positions keep 1 um, scores 6 digits (float32)."""
    hairs = np.array([(h.x_mm, h.y_mm, h.score) for h in measurement.hairs], dtype=np.float32).reshape(-1, 3)
    units = np.array([(u.x_mm, u.y_mm, u.score) for u in measurement.units], dtype=np.float32).reshape(-1, 3)
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        hairs=hairs,
        hair_shafts=np.array(
            [(_stored(h.direction_rad), _stored(h.length_mm), _stored(h.diameter_um)) for h in measurement.hairs],
            dtype=np.float32,
        ).reshape(-1, 3),
        hair_units=np.array([h.unit for h in measurement.hairs], dtype=np.int32),
        units=units,
        unit_hairs=np.array([u.hairs for u in measurement.units], dtype=np.int32),
        fu_map=measurement.map.fu_per_cm2,
        hairs_map=measurement.map.hairs_per_cm2,
        grid=np.array([measurement.map.pitch_mm, measurement.map.smoothing_mm], dtype=np.float64),
        **_evidence_arrays(measurement.evidence),
    )
    return packed.getvalue()


def unpack(blob: bytes) -> MeasurementDetail:
    """The points and maps in a blob. Raises RecordError when it is damaged."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as data:
            # Measurements of earlier versions hold no shafts.
            unknown = np.full((len(data["hairs"]), 3), np.nan)
            shafts = data.get("hair_shafts", unknown)
            hairs = tuple(
                HairRoot(float(x), float(y), float(score), int(unit), *map(_known, shaft))
                for (x, y, score), unit, shaft in zip(data["hairs"], data["hair_units"], shafts, strict=True)
            )
            units = tuple(
                FollicularUnit(float(x), float(y), int(count), float(score))
                for (x, y, score), count in zip(data["units"], data["unit_hairs"], strict=True)
            )
            pitch, smoothing = (float(value) for value in data["grid"])
            grid = DensityMap(data["fu_map"], data["hairs_map"], pitch, smoothing)
            evidence = _evidence(data) if "weak" in data else None  # measurements of earlier versions hold none
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise RecordError(f"A measurement's points and map are damaged in the record: {error}.") from error
    return MeasurementDetail(hairs, units, grid, evidence)


def _evidence_arrays(evidence: Evidence | None) -> dict[str, NDArray[Any]]:
    if evidence is None:
        return {}
    return {
        "weak": evidence.weak,
        "countable": np.packbits(evidence.countable, axis=1),
        "countable_columns": np.array(evidence.countable.shape[1]),
        "evidence": np.array([evidence.threshold, evidence.pitch_mm]),
    }


def _evidence(data: Mapping[str, NDArray[Any]]) -> Evidence:
    threshold, pitch = (float(value) for value in data["evidence"])
    columns = int(data["countable_columns"])
    countable = np.unpackbits(data["countable"], axis=1, count=columns).astype(np.bool_)
    return Evidence(data["weak"], threshold, countable, pitch)


def _stored(value: float | None) -> float:
    return math.nan if value is None else value


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
