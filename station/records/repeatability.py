"""Runs of repeated photographs on record: numbers alone, by rig, person and site. The photographs are not kept."""

from __future__ import annotations

import json
from dataclasses import dataclass

from station.clock import Timestamp
from station.errors import NotFoundError
from station.records.database import Database
from station.records.rows import timestamp

ROWS_AT_MOST = 500
"""Sites of runs that are read at a time, the latest ones: what matters is how the rig repeats now."""

_COLUMNS = (
    "repeatability.utc, repeatability.offset_minutes, repeatability.clock_status, rig, model, model_sha256, "
    "calibration_id, simulated, coalesce(persons.code, '') as person, site, hairs, fu, matched, refused, software"
)


@dataclass(frozen=True, slots=True)
class RepeatabilityRow:
    """One site of one run. taken: when the run began, the same for all its sites; simulated: at a simulated rig;
    person: empty where nobody on record; hairs, fu: densities per cm2, a tuple of photographs for each repeat; matched:
    logarithms of the ratio of hairs that matching told between visits made up of repeats, refused: how many were not
    accepted."""

    taken: Timestamp
    rig_id: str
    model: str
    model_sha256: str
    calibration_id: str
    simulated: bool
    person: str
    site: str
    hairs: tuple[tuple[float, ...], ...]
    fu: tuple[tuple[float, ...], ...]
    matched: tuple[float, ...]
    refused: int
    software: str


class RepeatabilityRecords:
    """Runs in the database. Any thread may use it; raises as `station.records.store.Records` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: RepeatabilityRow) -> None:
        """Enters one site of a run. Raises NotFoundError for a person who is not on record, or is being erased."""
        known = "select id from persons where code = :code and code not in (select code from erasures)"
        with self._database.write() as connection:
            person = None
            if row.person:
                found = connection.execute(known, {"code": row.person}).fetchone()
                if found is None:
                    raise NotFoundError(
                        f"There is no person {row.person} on record.", person="This person is not on record."
                    )
                person = found[0]
            connection.table("repeatability").insert(
                {
                    "utc": row.taken.utc.isoformat(),
                    "offset_minutes": row.taken.offset_minutes,
                    "clock_status": str(row.taken.status),
                    "rig": row.rig_id,
                    "model": row.model,
                    "model_sha256": row.model_sha256,
                    "calibration_id": row.calibration_id,
                    "simulated": int(row.simulated),
                    "person_id": person,
                    "site": row.site,
                    "hairs": json.dumps(row.hairs),
                    "fu": json.dumps(row.fu),
                    "matched": json.dumps(row.matched),
                    "refused": row.refused,
                    "software": row.software,
                }
            )

    def of(
        self, rig_id: str, model_sha256: str, *, simulated: bool, person: str | None = None
    ) -> tuple[RepeatabilityRow, ...]:
        """The latest `ROWS_AT_MOST` sites of runs with this rig and model, the oldest first; person: only theirs."""
        where = "rig = ? and model_sha256 = ? and simulated = ?"
        values: list[str | int] = [rig_id, model_sha256, int(simulated)]
        if person is not None:
            where, values = where + " and persons.code = ?", [*values, person]
        sql = (
            f"select {_COLUMNS} from repeatability left join persons on persons.id = person_id where {where} "
            "order by repeatability.id desc limit ?"
        )
        with self._database.read() as connection:
            found = list(connection.query(sql, [*values, ROWS_AT_MOST]))
        return tuple(
            RepeatabilityRow(
                taken=timestamp(row["utc"], row["offset_minutes"], row["clock_status"]),
                rig_id=row["rig"],
                model=row["model"],
                model_sha256=row["model_sha256"],
                calibration_id=row["calibration_id"],
                simulated=bool(row["simulated"]),
                person=row["person"],
                site=row["site"],
                hairs=tuple(tuple(repeat) for repeat in json.loads(row["hairs"])),
                fu=tuple(tuple(repeat) for repeat in json.loads(row["fu"])),
                matched=tuple(json.loads(row["matched"])),
                refused=row["refused"],
                software=row["software"],
            )
            for row in reversed(found)
        )
