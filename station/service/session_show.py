"""From a visit under way to the view that pages and commands show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from station.capture.checklist import advice
from station.capture.protocol import Site
from station.capture.visit import Step
from station.records.rows import CaptureRow, CaptureState
from station.records.store import Records
from station.service.session_open import OpenVisit
from station.service.session_views import AsideView, SessionView, SiteProgress, TakenView, question_views
from station.trends.sentences import Sentence, say

PlaceCheck = Callable[[CaptureRow, Mapping[str, Sequence[CaptureRow]]], Sentence | None]
"""What is told of a measured photograph that does not show the place of the baseline; None when it does, or when there
is nothing to tell it by. Called with the earlier captures of the series, by site."""


def show(records: Records, found: OpenVisit, check: PlaceCheck | None) -> SessionView:
    """The view of a visit. check: of each photograph that is measured."""
    state, plan = found.state, found.state.plan
    places = records.sessions.places(plan.code)
    return SessionView(
        token=found.row.token,
        code=plan.code,
        new=not found.known,
        step=str(state.step),
        visit=plan.visit,
        first=plan.first,
        protocol=plan.protocol,
        sites=tuple(_site(found, found.protocol.site(site), places, check) for site in plan.site_ids),
        questions=question_views(dict(state.answers), records.sessions.answers(plan.code)),
        notes=tuple(_notes(found)),
        set_aside=tuple(
            AsideView(row.capture_id, row.site, say(f"reject.{row.reason}"))
            for row in records.sessions.rejected(found.row.token)
        ),
        undo=state.last_site,
    )


def _site(found: OpenVisit, site: Site, places: Mapping[str, float], check: PlaceCheck | None) -> SiteProgress:
    state = found.state
    skipped = dict(state.skipped).get(site.id, "")
    if state.site == site.id and state.step is Step.SITES:
        stands = "now"
    else:
        stands = "skipped" if skipped else "open" if state.missing(site.id) else "done"
    kept = set(state.captures(site.id))
    rows = [row for row in found.captures if row.capture_id in kept]
    needed = state.plan.frames(site.id)
    begun_later = not found.series.first and needed > found.protocol.frames_later
    return SiteProgress(
        site=site.id,
        name=site.name,
        head_x=site.head_x,
        head_y=site.head_y,
        find=site.find,
        measure=site.measure,
        cm=places.get(site.id),
        needed=needed,
        taken=tuple(_taken(found, row, check) for row in rows),
        state=stands,
        skipped=skipped,
        note=say("session.baseline-missing") if begun_later else None,
    )


def _taken(found: OpenVisit, row: CaptureRow, check: PlaceCheck | None) -> TakenView:
    measured = row.measurement
    vouched = row.capture_id in found.state.vouched
    problem, asks = None, False
    if row.state is CaptureState.FAILED:
        problem = say("session.not-countable", reason=row.error)
    elif measured is not None and check is not None and not vouched:
        problem = check(row, _known_places(found, row))
        asks = problem is not None
    return TakenView(
        capture_id=row.capture_id,
        state=str(row.state),
        hairs_per_cm2=None if measured is None else measured.hairs_per_cm2,
        interval=None if measured is None else measured.hairs_interval,
        problem=problem,
        asks=asks,
        vouched=vouched,
        fu_per_cm2=None if measured is None else measured.fu_per_cm2,
        fu_interval=None if measured is None else measured.fu_interval,
    )


def _known_places(found: OpenVisit, row: CaptureRow) -> Mapping[str, Sequence[CaptureRow]]:
    """What a photograph is held against: the earlier visits of the series; where they have none of its site, the
    photographs that were taken of it before at this visit."""
    if row.site in found.series.sites:
        return found.series.sites
    before = [each for each in found.captures if each.site == row.site and each.capture_id < row.capture_id]
    return {**found.series.sites, row.site: before} if before else {}


def _notes(found: OpenVisit) -> list[Sentence]:
    state, series = found.state, found.series
    if state.step is Step.LEFT:
        minutes = found.protocol.abandoned_after_min
        left = say(f"session.left-{state.reason}")
        return [Sentence(left.key, {"minutes": minutes})]
    notes: list[Sentence] = []
    if found.continued:
        notes.append(say("session.today"))
    if series.other_rig:
        notes.append(say("session.series-rig", rig=series.other_rig))
    elif series.other_protocol:
        notes.append(say("session.series-protocol", protocol=series.other_protocol))
    elif series.first:
        notes.append(say("session.series-first", frames=found.protocol.frames_baseline))
    notes += advice(dict(state.answers))
    return notes
