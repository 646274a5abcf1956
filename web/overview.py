"""What the overview of a person shows, put together for its templates."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass

from station.errors import NotFoundError
from station.service.views import PersonView, Progress, VisitView
from web import course, headchart
from web.course import Headline
from web.formats import duration, short_date
from web.text import TEXT


class VisitState(enum.StrEnum):
    """How far a visit's photographs are measured."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One visit of the timeline. description: its state in words."""

    visit: VisitView
    day: str
    year: str
    state: VisitState
    description: str
    selected: bool


@dataclass(frozen=True, slots=True)
class ProgressBar:
    """The work under way, in words and as a share of photographs."""

    running: bool
    done: int
    total: int
    words: str
    error: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first page. wanted: number of the visit that was asked for; token: changes when a visit's
    numbers change, and not otherwise."""

    person: PersonView
    headline: Headline
    timeline: tuple[TimelineItem, ...]
    wanted: int | None
    selected: VisitView | None
    head: headchart.HeadChart | None
    progress: ProgressBar
    token: str


def overview(person: PersonView, progress: Progress, wanted: int | None) -> Overview:
    """The overview with the visit `wanted` on the head chart, otherwise the latest one that has numbers.

    Raises NotFoundError when there is no visit of that number.
    """
    visits = person.course.visits
    selected = _selected(visits, wanted)
    head = None if selected is None else headchart.head_chart(selected, headchart.scale_max(visits))
    return Overview(
        person=person,
        headline=course.headline(person.course),
        timeline=tuple(_item(visit, selected) for visit in visits),
        wanted=wanted,
        selected=selected,
        head=head,
        progress=progress_bar(progress),
        token=_token(visits),
    )


def visit_state(visit: VisitView) -> tuple[VisitState, str]:
    """State of a visit, and its words."""
    done = sum(1 for site in visit.sites if site.fu is not None)
    if visit.complete:
        return VisitState.COMPLETE, TEXT.visit_complete
    if done == 0:
        return VisitState.WAITING, TEXT.visit_waiting
    return VisitState.PARTIAL, TEXT.visit_partial.format(done=done, total=len(visit.sites))


def progress_bar(progress: Progress) -> ProgressBar:
    """Progress in words: what is being done, how much of it, how long still."""
    parts = [progress.text] if progress.text else []
    parts.append(TEXT.progress_label.format(done=progress.done, total=progress.total))
    if progress.eta_s is not None and progress.running:
        parts.append(TEXT.progress_left.format(time=duration(progress.eta_s)))
    return ProgressBar(progress.running, progress.done, progress.total, " · ".join(parts), progress.error)


def _selected(visits: tuple[VisitView, ...], wanted: int | None) -> VisitView | None:
    if wanted is not None:
        for visit in visits:
            if visit.number == wanted:
                return visit
        sentence = TEXT.visit_not_there.format(number=wanted)
        raise NotFoundError(f"no visit {wanted} among {len(visits)} visits", person=sentence)
    measured = [visit for visit in visits if any(site.fu is not None for site in visit.sites)]
    complete = [visit for visit in visits if visit.complete]
    return next(reversed(complete or measured or visits), None)


def _item(visit: VisitView, selected: VisitView | None) -> TimelineItem:
    state, words = visit_state(visit)
    return TimelineItem(
        visit=visit,
        day=short_date(visit.date),
        year=str(visit.date.year),
        state=state,
        description=words,
        selected=selected is not None and visit.number == selected.number,
    )


def _token(visits: tuple[VisitView, ...]) -> str:
    """A short digest of all that the page's numbers depend on."""
    state = [(v.number, v.date, v.fu, v.hairs, tuple((s.fu, s.hairs, s.frames_done) for s in v.sites)) for v in visits]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]
