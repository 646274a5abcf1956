"""The database's schema, as steps that are each applied once (sqlite-utils migrations).

A step that has been released is never edited: a change is a new step.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("station")


@MIGRATIONS()
def m001_persons_visits_captures_measurements(db: Database) -> None:
    db.table("persons").create(
        {"id": int, "code": str, "demonstration": int, "created_utc": str},
        pk="id",
        not_null={"code", "demonstration", "created_utc"},
    )
    db.table("persons").create_index(["code"], unique=True)
    db.table("visits").create(
        {
            "id": int,
            "person_id": int,
            "number": int,
            "utc": str,
            "offset_minutes": int,
            "clock_status": str,
            "protocol": str,
        },
        pk="id",
        not_null={"person_id", "number", "utc", "offset_minutes", "clock_status", "protocol"},
        foreign_keys=[("person_id", "persons", "id")],
    )
    db.table("visits").create_index(["person_id", "number"], unique=True)
    db.table("captures").create(
        {
            "id": int,
            "visit_id": int,
            "site": str,
            "frame": int,
            "image": str,
            "image_sha256": str,
            "image_bytes": int,
            "width_px": int,
            "height_px": int,
            "utc": str,
            "offset_minutes": int,
            "clock_status": str,
            "lamp": str,
            "rig": str,
            "requested_controls": str,
            "confirmed_controls": str,
            "calibration_id": str,
            "px_per_mm": float,
            "px_per_mm_rel_sd": float,
            "source": str,
            "software": str,
            "state": str,
            "error": str,
        },
        pk="id",
        not_null={"visit_id", "site", "frame", "image", "image_sha256", "utc", "px_per_mm", "state", "error"},
        foreign_keys=[("visit_id", "visits", "id")],
    )
    db.table("captures").create_index(["visit_id", "site", "frame"], unique=True)
    db.table("captures").create_index(["image"], unique=True)
    db.table("captures").create_index(["state"])
    db.table("measurements").create(
        {
            "id": int,
            "capture_id": int,
            "utc": str,
            "fu_count": int,
            "hair_count": int,
            "counted_area_cm2": float,
            "fu_per_cm2": float,
            "fu_low": float,
            "fu_high": float,
            "hairs_per_cm2": float,
            "hairs_low": float,
            "hairs_high": float,
            "interval_level": float,
            "countable_share": float,
            "sharpness": float,
            "glare_share": float,
            "dark_share": float,
            "warnings": str,
            "model": str,
            "model_sha256": str,
            "engine": str,
            "calibration_id": str,
            "software": str,
            "detail": bytes,
        },
        pk="id",
        not_null={"capture_id", "utc", "fu_count", "hair_count", "counted_area_cm2", "model_sha256", "detail"},
        foreign_keys=[("capture_id", "captures", "id")],
    )
    db.table("measurements").create_index(["capture_id"])


@MIGRATIONS()
def m002_calibre_grey_and_short_hairs(db: Database) -> None:
    table = db.table("measurements")
    for column in (
        "calibre_mean_um",
        "calibre_median_um",
        "thin_share",
        "thin_um",
        "edge_spread_um",
        "grey_share",
        "short_share",
    ):
        table.add_column(column, float)
    table.add_column("calibre_hairs", int)
    table.add_column("calibre_withheld", str)
