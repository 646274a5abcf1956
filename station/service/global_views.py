"""Global views of the head: for the record, each masked in memory and stored as nothing but its masked self."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from station.capture.face_mask import SAFE_LINE, masked_jpeg
from station.capture.protocol import Protocol, load_protocol
from station.capture.refusal import refuse
from station.errors import StorageError
from station.records.views import NewView, ViewRow
from station.service.sessions import Sessions
from station.service.taking import Taking


@dataclass(frozen=True, slots=True)
class GlobalViewView:
    """One of the protocol's global views at a visit. line: the mask's, as a share of the height, the safe default until
    a picture is stored, None where no face is in the view; stored: the picture's number, None while there is none."""

    view: str
    name: str
    find: str
    shows_face: bool
    line: float | None
    stored: int | None
    day: dt.date | None


class GlobalViews:
    """Everybody's global views. Raises NotFoundError for unknown persons and pictures, RecordError and StorageError."""

    def __init__(self, taking: Taking, sessions: Sessions) -> None:
        self._taking = taking
        self._sessions = sessions
        self._records = taking.records

    def of_visit(self, code: str) -> tuple[GlobalViewView, ...]:
        """The views of the visit under way, or of today."""
        visit, protocol = self._visit(code)
        stored = {row.view: row for row in self._records.views.views(code, visit)}
        found = []
        for view in protocol.views:
            row: ViewRow | None = stored.get(view.id)
            line = (row.mask if row else SAFE_LINE) if view.shows_face or (row and row.mask) else None
            found.append(
                GlobalViewView(
                    view=view.id,
                    name=view.name,
                    find=view.find,
                    shows_face=view.shows_face,
                    line=line,
                    stored=row.view_id if row else None,
                    day=row.day if row else None,
                )
            )
        return tuple(found)

    def store(self, code: str, view: str, data: bytes, line: float | None) -> int:
        """Masks a picture and stores the result, in the place of an earlier one of this visit; returns its number.

        data: a file (JPEG, PNG and the like), of which nothing else is kept; line: share of the height from the top,
        below which everything is blanked. Where a face is in the view a line is always drawn: the safe one without
        `line`. Raises ImageError for what is no picture, UsageError for an unknown view, VisitError for an impossible
        line.
        """
        self._records.person(code)
        visit, protocol = self._visit(code)
        if not protocol.views:
            raise refuse("no-views", protocol=protocol.id)
        known = protocol.view(view)
        if line is None and known.shows_face:
            line = SAFE_LINE
        jpeg, width, height = masked_jpeg(data, line)
        new = NewView(code, visit, known.id, protocol.id, jpeg, width, height, line)
        return self._records.views.add(self._taking.images, new, self._taking.clock.now(), self._taking.keep_free)

    def picture(self, code: str, number: int) -> bytes:
        """A stored picture as JPEG. Raises NotFoundError, also for somebody else's."""
        row = self._records.views.view(code, number)
        path = self._taking.images.root / row.image
        try:
            return path.read_bytes()
        except OSError as error:
            raise StorageError(
                f"{path}: the picture cannot be read ({error.strerror}): copy it back from a backup."
            ) from error

    def remove(self, code: str, number: int) -> None:
        """Deletes a picture."""
        self._records.views.remove(self._taking.images, code, number)

    def _visit(self, code: str) -> tuple[int, Protocol]:
        """Number and protocol of the visit that a picture belongs to: the open one, otherwise that of today."""
        open_visit = self._sessions.resume()
        if open_visit is not None and open_visit.code == code:
            return open_visit.visit, load_protocol(open_visit.protocol)
        visit = self._records.visit_at(code, self._taking.clock.now())
        visits = [row for row in self._records.visits(code) if row.number <= visit]
        return visit, load_protocol(visits[-1].protocol) if visits else load_protocol()
