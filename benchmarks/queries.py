"""How long the record takes to answer about one person, in a database of 2,000 persons.

Makes the database in a temporary folder: 2,000 persons with 12 monthly visits of 8 sites (3 photographs a site at the
first visit, 2 later), and one with ten years of them, 40 blood values and 100 events. Points and maps, the bulk of a
real database, are stored for that person and for every 20th of the others. Prints the median of 20 reads in ms.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database as Connection

from station.capture.protocol import load_protocol
from station.clock import ClockStatus, Timestamp
from station.entries import EventEntry, LabEntry
from station.records.capture_rows import measurement_columns
from station.records.detail import pack
from station.records.store import Records
from station.service import course
from station.service.person_record import person_record
from station.settings import load
from station.trends.ladder import ladder
from station.values import (
    Calibre,
    DensityMap,
    FollicularUnit,
    HairRoot,
    Interval,
    Measurement,
    Provenance,
    Quality,
)

AIM_MS = 50
PERSONS = 2000
SAMPLE = 20
"""Of every how many persons points and maps are stored."""

FIRST = dt.date(2016, 1, 4)
NOW = Timestamp(dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC), 60, ClockStatus.SYNCHRONISED)
RIG, MODEL, CALIBRATION = "reference", "cd" * 32, "nominal-reference:0123456789ab"


def measurement(chance: np.random.Generator) -> Measurement:
    """One as the reference rig's photograph gives it: about 640 units and 1,080 hairs on 30 x 22.5 mm."""
    units, hairs = 640, 1080
    places = chance.uniform((0, 0), (30, 22.5), (hairs, 2))
    shafts = chance.normal((0, 0.6, 60), (1, 0.2, 15), (hairs, 3))
    grid = chance.gamma(20, 4, (90, 120)).astype(np.float32)
    return Measurement(
        hairs=tuple(
            HairRoot(float(x), float(y), 0.9, n % units, *map(float, shaft))
            for n, ((x, y), shaft) in enumerate(zip(places, shafts, strict=True))
        ),
        units=tuple(FollicularUnit(float(x), float(y), 1 + n % 3, 0.9) for n, (x, y) in enumerate(places[:units])),
        counted_area_cm2=6.5,
        fu_per_cm2=units / 6.5,
        fu_interval=Interval(90.0, 107.0),
        hairs_per_cm2=hairs / 6.5,
        hairs_interval=Interval(150.0, 182.0),
        map=DensityMap(grid, 1.7 * grid, 0.25, 1.0),
        quality=Quality(0.97, 1.4, 0.01, 0.02, ("3 % of the photograph is out of focus and was not counted.",)),
        provenance=Provenance("density 1.0", MODEL, "ai-edge-litert 2.1.6", CALIBRATION, "0.1.0"),
        px_per_mm=135.0,
        calibre=Calibre(61.5, 63.0, 0.08, 30.0, 620, 21.5),
        grey_share=0.125,
        short_share=0.04,
    )


def fill(connection: Connection, codes: list[str]) -> None:
    """Persons, visits, photographs and measurements in one transaction; the last person has ten years of them."""
    chance = random.Random(1)
    made = measurement(np.random.default_rng(1))
    blob = pack(made)
    print(f"points and maps of a photograph: {len(blob) / 1000:.0f} kB")
    numbers = {**measurement_columns(0, made, NOW), "rig": RIG}
    names = ", ".join(["id", *numbers])
    places = ", ".join("?" for _ in range(len(numbers) + 1))
    sites = [site.id for site in load_protocol().sites]
    visit_id = capture_id = 0
    for person_id, code in enumerate(codes, start=1):
        thorough = code == codes[-1]
        connection.execute("insert into persons values (?, ?, 0, ?)", [person_id, code, NOW.utc.isoformat()])
        captures: list[list[Any]] = []
        measured: list[list[Any]] = []
        for visit in range(1, (120 if thorough else 12) + 1):
            visit_id += 1
            utc = f"{FIRST + dt.timedelta(days=30 * visit)}T09:00:00+00:00"
            connection.execute(
                "insert into visits values (?, ?, ?, ?, 60, 'rtc', 'macro-8/1')", [visit_id, person_id, visit, utc]
            )
            for site in sites:
                for frame in range(1, (3 if visit == 1 else 2) + 1):
                    capture_id += 1
                    name = f"{code}/{visit:04d}/{site}-{frame:02d}-{chance.getrandbits(32):08x}.jpg"
                    image = [name, f"{chance.getrandbits(256):064x}", 9_000_000, 4056, 3040]
                    taken = [utc, 60, "rtc", "cross-polarised", RIG, '{"exposure_us": 8000}', '{"exposure_us": 8003}']
                    rest = [CALIBRATION, 135.0, 0.01, "", "0.1.0", "measured", ""]
                    captures.append([capture_id, visit_id, site, frame, *image, *taken, *rest])
                    drift = chance.lognormvariate(0, 0.05)
                    numbers["capture_id"] = capture_id
                    numbers["fu_per_cm2"], numbers["hairs_per_cm2"] = 98 * drift, 166 * drift
                    measured.append([capture_id, *numbers.values()])
        connection.conn.executemany(f"insert into captures values ({', '.join('?' * 23)})", captures)
        connection.conn.executemany(f"insert into measurements ({names}) values ({places})", measured)
        if thorough or person_id % SAMPLE == 0:
            connection.conn.executemany("insert into details values (?, ?)", ([row[0], blob] for row in measured))


def enter(records: Records, code: str) -> None:
    """40 blood values and 100 events."""
    for number in range(40):
        drawn = FIRST + dt.timedelta(days=90 * number)
        value = 180.0 + 10 * number
        lab = LabEntry("b12", f"{value:g}", "=", value, value, value, "pg/mL", drawn, drawn, "200-900", 200.0, 900.0)
        records.health.add(code, lab, "A", NOW)
    for number in range(100):
        event = EventEntry("haircut", FIRST + dt.timedelta(days=30 * number), "as every month")
        records.health.add(code, event, "A", NOW)


def reads(records: Records, code: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is timed, by name."""
    settings, today = load(environment={}), NOW.local_date
    now = ladder(person_record(records, records.health, code, today, settings))
    errors = course.repeatability(records.repeats(RIG, MODEL))
    yield "person_record", lambda: person_record(records, records.health, code, today, settings)
    yield "readings", lambda: records.readings(code)
    yield "repeats", lambda: records.repeats(RIG, MODEL)
    yield "repeatability of them", lambda: course.repeatability(records.repeats(RIG, MODEL))
    yield "captures", lambda: records.captures(code)
    yield (
        "course_view",
        lambda: course.course_view(records.visits(code), records.captures(code), errors, load_protocol, now),
    )
    yield "entries: labs", lambda: records.health.entries(code, LabEntry)
    yield "entries: events", lambda: records.health.entries(code, EventEntry)


def median_ms(work: Callable[[], object], runs: int = 20) -> float:
    work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=PERSONS, help="Persons beside the one with ten years.")
    parser.add_argument("--erase", action="store_true", help="Also time the erasure of one person.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "station.sqlite3"
        records = Records(path)
        chance = random.Random(7)
        codes = [f"{chance.getrandbits(40):010X}"[:8] for _ in range(arguments.persons + 1)]
        began = time.perf_counter()
        with records._database.write() as connection:
            fill(connection, codes)
        enter(records, codes[-1])
        records._database.empty_log()
        size = path.stat().st_size / 1e6
        print(f"{len(codes)} persons, {size:.0f} MB, made in {time.perf_counter() - began:.0f} s; aim {AIM_MS} ms")
        for name, work in reads(records, codes[-1]):
            print(f"{name:24} {median_ms(work):7.1f} ms")
        if arguments.erase:
            began = time.perf_counter()
            records.erasures.delete_rows(codes[3], NOW)
            print(f"rows of a person deleted in {time.perf_counter() - began:.1f} s")
            records.erasures.wipe()
            print(f"and the database written anew after {time.perf_counter() - began:.1f} s")
        records.close()


if __name__ == "__main__":
    main()
