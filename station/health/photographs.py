"""Do the photographs and the record belong together?"""

from __future__ import annotations

from station.clock import Clock
from station.health.finding import Finding, State
from station.names import readable
from station.records.database import recorded_images
from station.records.folder import DATABASE, IMAGES
from station.records.images import files_below
from station.records.recovery import unusable
from station.settings import Settings

SHOWN = 3


def check(settings: Settings, clock: Clock) -> Finding:
    """Photographs on record without their file, and files that are no usable photographs, without changing anything."""
    folder = settings.data_folder / IMAGES
    path = settings.data_folder / DATABASE
    if not path.exists():
        return Finding("photographs", State.UNKNOWN, "There is no record yet.", "The first start makes it.")
    known = recorded_images(path)
    missing = sorted(known.difference(files_below(folder)))
    if missing:
        return Finding(
            "photographs",
            State.FAILED,
            f"{len(missing)} photographs on record have lost their file in {folder}: {_some(missing)}.",
            "Copy them back from a backup; their measurements are kept.",
        )
    strange = unusable(folder, known)
    if strange:
        return Finding(
            "photographs",
            State.WARNING,
            f"{len(strange)} files in {folder} are no usable photographs of this station: {_some(strange)}.",
            "The station leaves them where they are; look at them and move them away.",
        )
    return Finding("photographs", State.OK, f"{len(known)} photographs are on record, each with its file.")


def _some(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(readable(name) for name in names[:SHOWN])
