"""What the pages of a visit need of the station. Everything may raise `VisitError`, whose sentence is told in the
reader's language, and what the record and the camera raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from station.service.global_views import GlobalViewView
from station.service.quick import QuickResult
from station.service.session_views import SessionView


class SitesPort(Protocol):
    """What a visit and a quick look have in common. token: names it in every call."""

    def view(self, token: str) -> SessionView:
        """As it stands."""
        ...

    def capture(self, token: str, *, seen: int | None = None, site: str | None = None) -> SessionView:
        """Takes one photograph of the site under the camera, unless that is no longer `site` with `seen` of them."""
        ...

    def attend(self, view: SessionView) -> None:
        """Turns the rig, and its live view, to what the page shows."""
        ...

    def reject(self, token: str, capture: int) -> SessionView:
        """Sets a photograph aside, to be taken again."""
        ...

    def skip(self, token: str, site: str, reason: str) -> SessionView:
        """Leaves a site out."""
        ...

    def undo(self, token: str, site: str = "") -> SessionView:
        """Begins a site anew."""
        ...

    def choose(self, token: str, site: str) -> SessionView:
        """Puts a site under the camera."""
        ...

    def review(self, token: str) -> SessionView:
        """Looks through what was taken."""
        ...


class SessionsPort(SitesPort, Protocol):
    """Everybody's visits."""

    def begin(self, code: str | None, *, take_over: bool = False, new_series: bool = False) -> SessionView:
        """Begins a visit, or goes on with the one that is open."""
        ...

    def confirm(self, token: str) -> SessionView:
        """The person is who the code belongs to."""
        ...

    def prepare(self, token: str, answers: Mapping[str, str], *, confirmed: bool = False) -> SessionView:
        """Answers to the checklist."""
        ...

    def vouch(self, token: str, capture: int) -> SessionView:
        """Somebody says that a photograph is of the right place."""
        ...

    def measure(self, token: str, site: str, cm: float) -> SessionView:
        """Keeps the distance that a site is found by."""
        ...

    def finish(self, token: str) -> SessionView:
        """The visit is complete."""
        ...

    def leave(self, token: str, reason: str = "ended") -> SessionView:
        """Ends the visit before it is complete."""
        ...


class QuickPort(SitesPort, Protocol):
    """The quick look."""

    def begin(self) -> SessionView:
        """A new one."""
        ...

    def photo(self, token: str, capture: int, width: int) -> bytes:
        """A photograph as JPEG."""
        ...

    def result(self, token: str, measures: Mapping[str, str], bridge: str, sex: str) -> QuickResult:
        """What it tells."""
        ...

    def end(self) -> None:
        """Forgets everything."""
        ...


class ViewsPort(Protocol):
    """Pictures of the whole head."""

    def of_visit(self, code: str) -> Sequence[GlobalViewView]:
        """The views of the visit under way."""
        ...

    def store(self, code: str, view: str, data: bytes, line: float | None) -> int:
        """Masks a picture and stores the result."""
        ...

    def picture(self, code: str, number: int) -> bytes:
        """A stored picture as JPEG."""
        ...

    def remove(self, code: str, number: int) -> None:
        """Deletes a picture."""
        ...
