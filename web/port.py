"""What the pages need of the station, and nothing more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from flask import current_app

from station.clock import Timestamp
from station.entries import Entry
from station.service.comparison_view import ComparisonView
from station.service.live import Live
from station.service.repeatability_view import RepeatabilityView
from station.service.views import AboutView, CaptureView, PersonView, Progress, VisitView
from web.session_port import QuickPort, SessionsPort, ViewsPort

EXTENSION = "station"


class StoredEntry(Protocol):
    """An entry on record, with when it was first entered and by whom."""

    @property
    def id(self) -> int: ...

    @property
    def entry(self) -> Entry: ...

    @property
    def entered(self) -> Timestamp: ...

    @property
    def by(self) -> str: ...


class HistoryStep(Protocol):
    """What happened to an entry: "added", "corrected" or "removed", when, by whom; before, after: None where there
    was nothing."""

    @property
    def action(self) -> str: ...

    @property
    def at(self) -> Timestamp: ...

    @property
    def by(self) -> str: ...

    @property
    def before(self) -> Entry | None: ...

    @property
    def after(self) -> Entry | None: ...


class HealthPort(Protocol):
    """The health record. kind: "lab", "regimen", ... (`web.forms`); fields: as they were typed; by: who entered it.

    Unknown persons and entries raise `NotFoundError`, entries that cannot be taken `RefusedEntryError`.
    """

    def today(self) -> dt.date:
        """The calendar date where the station stands."""
        ...

    def entries(self, code: str, kind: str) -> Sequence[StoredEntry]:
        """All entries of a kind, in the order in which they were entered."""
        ...

    def entry(self, code: str, kind: str, entry_id: int) -> StoredEntry:
        """One entry."""
        ...

    def add(
        self,
        code: str,
        kind: str,
        fields: Mapping[str, str | Sequence[str]],
        *,
        by: str = "",
        confirmed: bool = False,
        keep: bool = False,
    ) -> int:
        """Enters something and returns its id. confirmed: odd values were asked about; keep: store what cannot be
        read as it is, marked for review."""
        ...

    def correct(
        self,
        code: str,
        kind: str,
        entry_id: int,
        fields: Mapping[str, str | Sequence[str]],
        *,
        by: str = "",
        confirmed: bool = False,
        keep: bool = False,
    ) -> None:
        """Puts other content into an entry; its history keeps what stood there."""
        ...

    def remove(self, code: str, kind: str, entry_id: int, *, by: str = "") -> None:
        """Deletes an entry and what its history held of it."""
        ...

    def history(self, code: str, kind: str, entry_id: int) -> Sequence[HistoryStep]:
        """What happened to an entry, from when it was entered."""
        ...


class FindingsPort(Protocol):
    """What can be said about a person."""

    def data(self, *, language: str, interpretation: bool) -> dict[str, Any]:
        """All findings as JSON takes them, in a language."""
        ...


class StationPort(Protocol):
    """The part of the station's service that pages read. Unknown records raise `NotFoundError`."""

    @property
    def health_record(self) -> HealthPort:
        """The health record of everyone."""
        ...

    @property
    def sessions(self) -> SessionsPort:
        """Everybody's visits."""
        ...

    @property
    def quick(self) -> QuickPort:
        """The quick look."""
        ...

    @property
    def views(self) -> ViewsPort:
        """Pictures of the whole head."""
        ...

    @property
    def live(self) -> Live | None:
        """The live view of the rig; None where there is no camera to be shown."""
        ...

    def about(self) -> AboutView:
        """What the station runs on."""
        ...

    def demo_code(self) -> str | None:
        """Code of the demonstration person; None outside the demonstration."""
        ...

    def person(self, code: str) -> PersonView:
        """A person with the course over all visits."""
        ...

    def visit(self, code: str, number: int) -> VisitView:
        """One visit with its sites."""
        ...

    def captures(self, code: str, number: int, site: str) -> tuple[CaptureView, ...]:
        """The photographs of one site of one visit, in the order in which they were taken."""
        ...

    def photo(self, capture_id: int, width: int | None = None) -> bytes:
        """A photograph as JPEG; width: at most this many pixels wide."""
        ...

    def map_png(self, capture_id: int, kind: str) -> bytes:
        """The density map as a transparent PNG of the photograph's aspect. kind: "fu" or "hairs"."""
        ...

    def points(self, capture_id: int) -> dict[str, Any]:
        """Hair roots and follicular units of one photograph, in pixels and in mm."""
        ...

    def findings(self, code: str) -> FindingsPort:
        """What can be said about a person today."""
        ...

    def calendar(self, code: str, *, detailed: bool, language: str, interpretation: bool) -> bytes:
        """A person's reminders as an iCalendar file."""
        ...

    def comparison(self, code: str, site: str, before: int, after: int) -> ComparisonView:
        """Two visits of a site, compared hair by hair; visits by their numbers."""
        ...

    def comparison_photo(self, code: str, site: str, before: int, after: int, width: int | None = None) -> bytes:
        """The later photograph as JPEG, warped to lie on the earlier one; width: at most this many pixels wide."""
        ...

    def comparison_map(self, code: str, site: str, before: int, after: int, kind: str) -> bytes:
        """The map of change as a transparent PNG of the earlier photograph's aspect. kind: "hairs" or "fu"."""
        ...

    def repeatability(self, code: str | None = None) -> RepeatabilityView:
        """How well the station repeats itself, or counts of one person do."""
        ...

    def progress(self) -> Progress:
        """The work under way."""
        ...


def the_station() -> StationPort:
    """The service that the running application was made with."""
    port: StationPort = current_app.extensions[EXTENSION]
    return port
