"""What the pages need of the station, and nothing more."""

from __future__ import annotations

from typing import Any, Protocol

from flask import current_app

from station.service.views import AboutView, CaptureView, PersonView, Progress, VisitView

EXTENSION = "station"


class StationPort(Protocol):
    """The part of the station's service that pages read. Unknown records raise `NotFoundError`."""

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

    def progress(self) -> Progress:
        """The work under way."""
        ...


def the_station() -> StationPort:
    """The service that the running application was made with."""
    port: StationPort = current_app.extensions[EXTENSION]
    return port
