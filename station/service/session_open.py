"""What the record holds of a visit under way: its plan when it begins, its state whenever it is taken up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from station.capture.protocol import Protocol, load_protocol
from station.capture.refusal import refuse
from station.capture.visit import Found, Plan, SessionState, follow, from_data
from station.clock import Timestamp
from station.errors import NotFoundError
from station.records.rows import CaptureRow
from station.records.sessions import SessionRow
from station.records.store import Records
from station.service.series import Series, plan_visit, series_before


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit as it stands now. captures: those of this visit that are kept; known: its person is on record; continued:
    this is not the first sitting of the visit; start: day of the person's first visit, None before it."""

    row: SessionRow
    state: SessionState
    protocol: Protocol
    captures: tuple[CaptureRow, ...]
    series: Series
    known: bool
    continued: bool
    start: dt.date | None


def begin_state(records: Records, code: str, rig: str, now: Timestamp, *, new_series: bool) -> SessionState:
    """The state in which a visit begins now. A visit of today is continued: what was answered and left out is kept, and
    the person is confirmed once more. Raises VisitError when today's photographs were made with another rig."""
    state = SessionState(_plan(records, code, rig, now, new_series=new_series))
    before = [row for row in records.sessions.of_visit(code, state.plan.visit) if _same_day(row.began, now)]
    if not before:  # a visit of another day in which nothing was taken leaves its number to this one
        return state
    left = from_data(before[-1].state)
    skipped = tuple(pair for pair in left.skipped if pair[0] in state.plan.site_ids)
    return replace(state, answers=left.answers, skipped=skipped, vouched=left.vouched)


def find_visit(records: Records, token: str) -> OpenVisit:
    """A visit with what the record holds of it: what was taken is read from there, never remembered. Raises
    NotFoundError."""
    row = records.sessions.session(token)
    state = from_data(row.state)
    known = is_known(records, row.code)
    visits = records.visits(row.code) if known else ()
    captures = records.captures(row.code) if visits else ()
    own = tuple(each for each in captures if each.visit == row.visit)
    taken: dict[str, tuple[int, ...]] = {}
    for each in sorted(own, key=lambda capture: capture.capture_id):
        taken[each.site] = (*taken.get(each.site, ()), each.capture_id)
    found = tuple(taken.items())
    state = replace(state, taken=found) if row.ended else follow(state, Found(found))
    return OpenVisit(
        row=row,
        state=state,
        protocol=load_protocol(row.protocol),
        captures=own,
        series=series_before(row.visit, row.protocol, row.rig, visits, captures),
        known=known,
        start=visits[0].began.local_date if visits else None,
        continued=any(
            each.session_id < row.session_id and _same_day(each.began, row.began)
            for each in records.sessions.of_visit(row.code, row.visit)
        ),
    )


def is_known(records: Records, code: str) -> bool:
    """Whether a person is on record."""
    try:
        records.person(code)
    except NotFoundError:
        return False
    return True


def _same_day(one: Timestamp, other: Timestamp) -> bool:
    return one.local_date == other.local_date


def _plan(records: Records, code: str, rig: str, now: Timestamp, *, new_series: bool) -> Plan:
    """What a visit asks for. It goes on with the protocol of the visits before it unless a new series is wanted."""
    visits = records.visits(code) if is_known(records, code) else ()
    captures = records.captures(code) if visits else ()
    visit = records.visit_at(code, now)
    today = next((row for row in visits if row.number == visit), None)
    if today is not None:
        others = {row.rig_id for row in captures if row.visit == visit} - {rig}
        if others:
            raise refuse("rig-today", rig=min(others))
    earlier = [row.protocol for row in visits if row.number != visit]
    name = today.protocol if today else "" if new_series or not earlier else earlier[-1]
    protocol = load_protocol(name) if name else load_protocol()
    return plan_visit(code, visit, protocol, rig, series_before(visit, protocol.id, rig, visits, captures))
