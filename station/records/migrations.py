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


@MIGRATIONS()
def m003_health_record_with_history(db: Database) -> None:
    for table, columns in _ENTRIES_M003.items():
        # AUTOINCREMENT: the number of a removed entry is never given to another one, which would inherit its history.
        db.execute(
            f"create table {table} (id integer primary key autoincrement, "
            f"person_id integer not null references persons(id), {columns}, review text not null, "
            "entered_utc text not null, offset_minutes integer not null, clock_status text not null, "
            "entered_by text not null)"
        )
        db.execute(f"create index idx_{table}_person_id on {table} (person_id)")
    db.execute("create index idx_labs_supersedes on labs (supersedes)")
    db.execute("create index idx_doses_regimen on doses (regimen)")
    db.execute(
        "create table history (id integer primary key autoincrement, "
        "person_id integer not null references persons(id), kind text not null, entry_id integer not null, "
        "action text not null, utc text not null, offset_minutes integer not null, clock_status text not null, "
        "entered_by text not null, before text, after text)"
    )
    db.execute("create index idx_history_person_id_kind_entry_id on history (person_id, kind, entry_id)")
    # erasures: codes of those whose erasure has begun and is not done; erased: that one was done, and of whom not.
    db.execute("create table erasures (code text primary key)")
    db.execute(
        "create table erased (id integer primary key autoincrement, utc text not null, "
        "offset_minutes integer not null, clock_status text not null, last_capture integer not null)"
    )


_ENTRIES_M003 = {
    "labs": "analyte text not null, text text not null, comparator text not null, number real, low real, high real, "
    "unit text not null, drawn text not null, reported text, reference text not null, ref_low real, ref_high real, "
    "laboratory text not null, method text not null, flags text not null, source text not null, note text not null, "
    "supersedes integer references labs(id) on delete set null",
    "regimens": "kind text not null, substance text not null, form text not null, dose real, dose_unit text not null, "
    "route text not null, schedule text not null, start text not null, end text, prescriber text not null, "
    "template text not null, note text not null",
    "doses": "given text not null, substance text not null, dose real, dose_unit text not null, route text not null, "
    "regimen integer references regimens(id) on delete set null, note text not null",
    "events": "kind text not null, happened text not null, note text not null",
    "sheds": "method text not null, counted text not null, count integer not null, short integer, "
    "hours_since_wash real, hair_length_cm real, comb text not null, replicate integer not null, "
    "counted_by text not null, note text not null",
    "answers": "answered text not null, diet text not null, diet_since text, metformin integer, "
    "metformin_dose text not null, metformin_since text, gastric_bypass integer, gastric_bypass_type text not null, "
    "gastric_bypass_date text, crohns integer, coeliac integer, alcohol_heavy integer, ppi integer, ppi_since text, "
    "nitrous_oxide integer, pregnant integer, thinning text not null, onset text not null, "
    "hair_quality text not null, symptoms text not null, greying_share real, note text not null",
    "profiles": "born text, sex text not null",
    "hairlines": "marked text not null, mid_mm real not null, left_mm real not null, right_mm real not null, "
    "bridge text not null, marked_by text not null",
    "trichograms": "made text not null, anagen_percent real not null, telogen_percent real not null, "
    "note text not null",
    "skips": "step text not null, skipped text not null, reason text not null",
    "acknowledgements": "acknowledged text not null, wording text not null",
}
"""Columns of each kind of entry as of m003: fixed, while `station.entries` goes on."""


@MIGRATIONS()
def m004_lean_measurements(db: Database) -> None:
    """The points and maps of a measurement, tens of kilobytes, lie apart from its numbers: to read the numbers of
    thousands of photographs, SQLite would have to walk through them."""
    db.execute("create table details (measurement_id integer primary key references measurements(id), detail blob)")
    db.execute("insert into details select id, detail from measurements")
    db.execute("alter table measurements drop column detail")
    db.execute("alter table measurements add column single_share real")
    # The rig is the photograph's; it stands here once more for the index that finds a rig's and model's repeats.
    db.execute("alter table measurements add column rig text")
    db.execute("update measurements set rig = (select rig from captures where captures.id = capture_id)")
    db.execute("create index idx_measurements_rig_model_sha256 on measurements (rig, model_sha256)")


@MIGRATIONS()
def m005_sessions(db: Database) -> None:
    """Visits under way. People are named by their code: a visit of somebody new begins before they are on record."""
    moment = "utc text not null, offset_minutes integer not null, clock_status text not null"
    db.execute(
        "create table sessions (id integer primary key, token text not null unique, code text not null, "
        "visit integer not null, protocol text not null, rig text not null, step text not null, state text not null, "
        f"{moment}, changed_utc text not null, ended integer not null)"
    )
    db.execute("create index idx_sessions_code on sessions (code, visit)")
    # One visit at a time: the station has one rig.
    db.execute("create unique index idx_sessions_open on sessions (ended) where not ended")
    # Photographs that were set aside, until their visit ends.
    db.execute(
        "create table rejected (id integer primary key, session integer not null references sessions(id), "
        "capture_id integer not null, code text not null, visit integer not null, site text not null, "
        "frame integer not null, reason text not null, image text not null unique, image_sha256 text not null)"
    )
    # The highest number that a photograph had which was deleted with its visit: it is never given again.
    db.execute("create table numbers (name text primary key, last integer not null)")
    db.execute(
        "create table preparations (code text not null, visit integer not null, question text not null, "
        "answer text not null, primary key (code, visit, question)) without rowid"
    )
    db.execute(
        "create table site_places (code text not null, site text not null, cm real not null, "
        f"{moment}, primary key (code, site)) without rowid"
    )
    db.execute(
        "create table global_views (id integer primary key, code text not null, visit integer not null, "
        "view text not null, protocol text not null, image text not null unique, image_sha256 text not null, "
        f"image_bytes integer not null, width_px integer not null, height_px integer not null, mask real, {moment})"
    )
    db.execute("create index idx_global_views_code on global_views (code, visit)")


@MIGRATIONS()
def m006_comparisons(db: Database) -> None:
    """A site of a visit against its baseline: numbers, and the same hairs as a blob of some ten kilobytes. latest: the
    newest measurement that it rests on."""
    db.execute(
        "create table comparisons (id integer primary key, visit_id integer not null references visits(id), "
        "baseline_id integer not null references visits(id), site text not null, version text not null, "
        "latest integer not null, utc text not null, accepted integer not null, reason text not null, "
        "overlap real not null, residual_mm real, hair_percent real, hair_sd_log real, fu_percent real, "
        "fu_sd_log real, "
        "kept integer not null, lost integer not null, new integer not null, detail blob not null)"
    )
    db.execute("create unique index idx_comparisons_visit_id_site on comparisons (visit_id, site)")
    db.execute("create index idx_comparisons_baseline_id on comparisons (baseline_id)")


@MIGRATIONS()
def m007_repeatability(db: Database) -> None:
    """Repeats of a site, as JSON: the densities of each photograph, and what matching told between them."""
    db.execute(
        "create table repeatability (id integer primary key autoincrement, utc text not null, "
        "offset_minutes integer not null, clock_status text not null, rig text not null, model text not null, "
        "model_sha256 text not null, calibration_id text not null, simulated integer not null, "
        "person_id integer references persons(id), site text not null, hairs text not null, fu text not null, "
        "matched text not null, refused integer not null, software text not null)"
    )
    db.execute("create index idx_repeatability_rig_model_sha256 on repeatability (rig, model_sha256)")
    db.execute("create index idx_repeatability_person_id on repeatability (person_id)")
