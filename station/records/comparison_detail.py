"""A comparison of two visits as one compact blob (NumPy's .npz, compressed, without pickles)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.errors import RecordError
from station.matching.comparison import CalibreChange, Changed, Comparison, HairState, MatchedHair, MatchedUnit
from station.matching.register import Registration
from station.matching.transform import Bend, Transform
from station.values import Interval

_STATES = tuple(HairState)


def pack(comparison: Comparison) -> bytes:
    """The blob of a comparison. Positions keep 1 um."""
    frames = (*comparison.before, *comparison.after)
    arrays: dict[str, NDArray[Any]] = {
        "hairs": np.array(
            [
                (h.x_mm, h.y_mm, h.confidence, _stored(h.diameter_before_um), _stored(h.diameter_after_um))
                for h in comparison.hairs
            ],
            np.float32,
        ).reshape(-1, 5),
        "hair_kind": np.array([(h.unit, _STATES.index(h.state)) for h in comparison.hairs], np.int32).reshape(-1, 2),
        "units": np.array([(u.x_mm, u.y_mm) for u in comparison.units], np.float32).reshape(-1, 2),
        "unit_hairs": np.array([(u.hairs_before, u.hairs_after) for u in comparison.units], np.int32).reshape(-1, 2),
        "matrices": np.array([each.transform.matrix for each in frames], np.float64).reshape(-1, 2, 3),
    }
    for number, each in enumerate(frames):
        if each.transform.bend is not None:
            arrays[f"bend{number}"] = each.transform.bend.coefficients
    meta = {
        "before": len(comparison.before),
        "frames": [_registration(each) for each in frames],
        "doubtful": comparison.doubtful,
        "overlap": comparison.overlap,
        "overlap_cm2": comparison.overlap_cm2,
        "hair": None if comparison.hair is None else asdict(comparison.hair),
        "fu": None if comparison.fu is None else asdict(comparison.fu),
        "calibre": None if comparison.calibre is None else asdict(comparison.calibre),
        "reason": comparison.reason,
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, meta=np.array(json.dumps(meta)), **arrays)
    return packed.getvalue()


def unpack(blob: bytes) -> Comparison:
    """The comparison in a blob. Raises RecordError when it is damaged."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as data:
            meta = json.loads(str(data["meta"]))
            frames = [
                _registered(each, data["matrices"][number], data.get(f"bend{number}"))
                for number, each in enumerate(meta["frames"])
            ]
            first = meta["before"]
            return Comparison(
                before=tuple(frames[:first]),
                after=tuple(frames[first:]),
                hairs=tuple(
                    MatchedHair(x, y, unit, _STATES[state], sure, _known(before), _known(after))
                    for (x, y, sure, before, after), (unit, state) in zip(
                        data["hairs"].tolist(), data["hair_kind"].tolist(), strict=True
                    )
                ),
                units=tuple(
                    MatchedUnit(x, y, before, after)
                    for (x, y), (before, after) in zip(data["units"].tolist(), data["unit_hairs"].tolist(), strict=True)
                ),
                doubtful=meta["doubtful"],
                overlap=meta["overlap"],
                overlap_cm2=meta["overlap_cm2"],
                hair=_changed(meta["hair"]),
                fu=_changed(meta["fu"]),
                calibre=_calibre(meta["calibre"]),
                reason=meta["reason"],
            )
    except (OSError, ValueError, LookupError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise RecordError(f"A comparison of two visits is damaged in the record: {error}.") from error


def _registration(each: Registration) -> dict[str, Any]:
    transform = each.transform
    return {
        "middle_mm": transform.middle_mm,
        "bend_mm": None if transform.bend is None else transform.bend.size_mm,
        "overlap": each.overlap,
        "overlap_cm2": each.overlap_cm2,
        "residual_mm": each.residual_mm,
        "matched": each.matched,
        "found_share": each.found_share,
        "chance_share": each.chance_share,
        "probability": each.probability,
    }


def _registered(meta: dict[str, Any], matrix: NDArray[np.float64], bend: NDArray[np.float64] | None) -> Registration:
    data = dict(meta)
    size = data.pop("bend_mm")
    curved = None if size is None or bend is None else Bend(_pair(size), bend)
    return Registration(Transform(matrix, _pair(data.pop("middle_mm")), curved), **data)


def _pair(values: Sequence[float]) -> tuple[float, float]:
    first, second = values
    return float(first), float(second)


def _changed(data: dict[str, Any] | None) -> Changed | None:
    return None if data is None else Changed(**{**data, "interval": Interval(**data["interval"])})


def _calibre(data: dict[str, Any] | None) -> CalibreChange | None:
    return None if data is None else CalibreChange(**{**data, "interval": Interval(**data["interval"])})


def _stored(value: float | None) -> float:
    return float("nan") if value is None else value


def _known(value: float) -> float | None:
    return None if value != value else value
