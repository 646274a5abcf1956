"""Hair roots and follicular units of a photograph, for drawing them over it."""

from __future__ import annotations

from typing import Any

from station.records.detail import MeasurementDetail
from station.records.rows import CaptureRow


def points_view(row: CaptureRow, detail: MeasurementDetail) -> dict[str, Any]:
    """width_px, height_px, px_per_mm; hairs: x_px, y_px, x_mm, y_mm, score and unit (index into units, -1: none);
    units: x_px, y_px, x_mm, y_mm, score and hairs. Pixels are those of the full photograph, from its top left."""
    scale = row.px_per_mm

    def place(x_mm: float, y_mm: float, score: float) -> dict[str, Any]:
        return {
            "x_px": round(x_mm * scale, 1),
            "y_px": round(y_mm * scale, 1),
            "x_mm": round(x_mm, 3),
            "y_mm": round(y_mm, 3),
            "score": round(score, 3),
        }

    return {
        "width_px": row.image.width_px,
        "height_px": row.image.height_px,
        "px_per_mm": scale,
        "hairs": [place(hair.x_mm, hair.y_mm, hair.score) | {"unit": hair.unit} for hair in detail.hairs],
        "units": [place(unit.x_mm, unit.y_mm, unit.score) | {"hairs": unit.hairs} for unit in detail.units],
    }
