"""Photographs and their measurements between the database's columns and plain values."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from station.clock import Timestamp
from station.records.rows import CaptureRow, CaptureState, MeasurementRow, StoredImage, timestamp
from station.values import Calibre, Interval, Measurement

CAPTURES = """
    select captures.id, site, frame, state, error, image, image_sha256, image_bytes, width_px, height_px, captures.utc,
        captures.offset_minutes, captures.clock_status, captures.rig, captures.calibration_id, px_per_mm,
        px_per_mm_rel_sd, visits.number as visit_number, persons.code as person_code,
        m.id as measurement_id, m.fu_count, m.hair_count, m.counted_area_cm2, m.fu_per_cm2, m.fu_low, m.fu_high,
        m.hairs_per_cm2, m.hairs_low, m.hairs_high, m.interval_level, m.warnings, m.model, m.model_sha256, m.engine,
        m.calibration_id as measured_calibration_id, m.software as measured_software,
        m.calibre_mean_um, m.calibre_median_um, m.thin_share, m.thin_um, m.calibre_hairs, m.edge_spread_um,
        m.calibre_withheld, m.grey_share, m.short_share
    from captures
    join visits on visits.id = captures.visit_id
    join persons on persons.id = visits.person_id
    left join measurements as m
        on m.id = (select max(id) from measurements where measurements.capture_id = captures.id)
"""
"""Photographs with their latest measurement; a condition and an order may follow."""


def measurement_columns(capture_id: int, measurement: Measurement, at: Timestamp) -> dict[str, Any]:
    """A row of measurements, without the rig."""
    quality, provenance = measurement.quality, measurement.provenance
    singles = sum(unit.hairs == 1 for unit in measurement.units)
    return {
        "capture_id": capture_id,
        "utc": at.utc.isoformat(),
        "fu_count": measurement.fu_count,
        "hair_count": measurement.hair_count,
        "counted_area_cm2": measurement.counted_area_cm2,
        "fu_per_cm2": measurement.fu_per_cm2,
        "fu_low": measurement.fu_interval.low,
        "fu_high": measurement.fu_interval.high,
        "hairs_per_cm2": measurement.hairs_per_cm2,
        "hairs_low": measurement.hairs_interval.low,
        "hairs_high": measurement.hairs_interval.high,
        "interval_level": measurement.fu_interval.level,
        "countable_share": quality.countable_share,
        "sharpness": quality.sharpness,
        "glare_share": quality.glare_share,
        "dark_share": quality.dark_share,
        "warnings": json.dumps(quality.warnings),
        "model": provenance.model,
        "model_sha256": provenance.model_sha256,
        "engine": provenance.engine,
        "calibration_id": provenance.calibration_id,
        "software": provenance.software,
        **_calibre_columns(measurement.calibre),
        "grey_share": measurement.grey_share,
        "short_share": measurement.short_share,
        "single_share": singles / measurement.fu_count if measurement.units else None,
    }


def capture_row(row: Mapping[str, Any]) -> CaptureRow:
    image = StoredImage(row["image"], row["image_sha256"], row["image_bytes"], row["width_px"], row["height_px"])
    return CaptureRow(
        capture_id=row["id"],
        person=row["person_code"],
        visit=row["visit_number"],
        site=row["site"],
        frame=row["frame"],
        state=CaptureState(row["state"]),
        error=row["error"],
        image=image,
        taken=timestamp(row["utc"], row["offset_minutes"], row["clock_status"]),
        rig_id=row["rig"],
        calibration_id=row["calibration_id"],
        px_per_mm=row["px_per_mm"],
        px_per_mm_rel_sd=row["px_per_mm_rel_sd"],
        measurement=None if row["measurement_id"] is None else _measurement(row),
    )


def _measurement(row: Mapping[str, Any]) -> MeasurementRow:
    level = row["interval_level"]
    return MeasurementRow(
        measurement_id=row["measurement_id"],
        fu_count=row["fu_count"],
        hair_count=row["hair_count"],
        counted_area_cm2=row["counted_area_cm2"],
        fu_per_cm2=row["fu_per_cm2"],
        fu_interval=Interval(row["fu_low"], row["fu_high"], level),
        hairs_per_cm2=row["hairs_per_cm2"],
        hairs_interval=Interval(row["hairs_low"], row["hairs_high"], level),
        warnings=_warnings(row["warnings"]),
        model=row["model"],
        model_sha256=row["model_sha256"],
        engine=row["engine"],
        calibration_id=row["measured_calibration_id"],
        software=row["measured_software"],
        calibre=_calibre(row),
        grey_share=row["grey_share"],
        short_share=row["short_share"],
    )


@functools.lru_cache(maxsize=1000)
def _warnings(text: str) -> tuple[str, ...]:
    """Kept, as thousands of photographs share a few sentences."""
    return tuple(json.loads(text))


def _calibre_columns(calibre: Calibre | None) -> dict[str, Any]:
    if calibre is None:
        return {}
    return {
        "calibre_mean_um": calibre.mean_um,
        "calibre_median_um": calibre.median_um,
        "thin_share": calibre.thin_share,
        "thin_um": calibre.threshold_um,
        "calibre_hairs": calibre.hairs,
        "edge_spread_um": calibre.edge_spread_um,
        "calibre_withheld": calibre.reason,
    }


def _calibre(row: Mapping[str, Any]) -> Calibre | None:
    """None for a measurement that was made before calibre was."""
    if row["calibre_hairs"] is None:
        return None
    return Calibre(
        row["calibre_mean_um"],
        row["calibre_median_um"],
        row["thin_share"],
        row["thin_um"],
        row["calibre_hairs"],
        row["edge_spread_um"],
        row["calibre_withheld"],
    )
