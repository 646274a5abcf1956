"""A visit step by step, as pure values: a plan, a state, events, and what state follows from which.

```
PERSON --Confirmed--> PREPARATION --Prepared--> SITES --all done--> REVIEW --Finished--> DONE
                          from each of them --Left--> LEFT
```

Nothing here knows a store, a camera or a clock. `follow` raises VisitError for an event that does not belong to the
step; the state stays what it was. What was taken is the record's: it is told again when a visit is taken up
(`Found`), so that a photograph counts exactly once whatever was interrupted.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from station.capture.refusal import refuse
from station.trends.sentences import Terms


class Step(enum.StrEnum):
    """Where a visit stands. DONE and LEFT are its ends."""

    PERSON = "person"
    PREPARATION = "preparation"
    SITES = "sites"
    REVIEW = "review"
    DONE = "done"
    LEFT = "left"


ENDS = frozenset({Step.DONE, Step.LEFT})


class SkipReason(enum.StrEnum):
    """Why a site was left out."""

    WOUND = "wound"
    HAIR_PIECE = "hair-piece"
    COVERED = "covered"
    NOT_FOUND = "not-found"
    NOT_COUNTABLE = "not-countable"
    TIME = "time"
    OTHER = "other"


class RejectReason(enum.StrEnum):
    """Why a photograph was set aside (domain reference 4.5, "failure"; `UNDONE`: its site was begun anew)."""

    RETAKEN = "retaken"
    UNDONE = "undone"
    BLUR = "blur"
    MOTION = "motion"
    EXPOSURE = "exposure"
    GLARE = "glare"
    WET = "wet"
    COVERED = "covered"
    DISTANCE = "distance"
    WRONG_SITE = "wrong-site"
    OVERLAP = "overlap"
    NOT_COUNTABLE = "not-countable"


class LeaveReason(enum.StrEnum):
    """Why a visit ended before it was complete."""

    ENDED = "ended"
    WENT_AWAY = "went-away"
    NOT_THIS_PERSON = "not-this-person"
    OTHER_PERSON = "other-person"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a visit asks for, fixed when it begins.

    code: of the person, "" in quick mode, where there is none; visit: its number; protocol, rig: their ids; sites: in
    order, each with the photographs that it needs; first: the visit begins a series (baseline).
    """

    code: str
    visit: int
    protocol: str
    rig: str
    sites: tuple[tuple[str, int], ...]
    first: bool = False

    @property
    def site_ids(self) -> tuple[str, ...]:
        return tuple(site for site, _ in self.sites)

    def frames(self, site: str) -> int:
        """Photographs that a site needs. Raises VisitError for one that is not in the plan."""
        for known, frames in self.sites:
            if known == site:
                return frames
        raise refuse("no-such-site", site=site, sites=Terms(tuple(f"site.{known}" for known in self.site_ids)))


@dataclass(frozen=True, slots=True)
class SessionState:
    """Where a visit stands.

    answers: to the checklist, question to choice; site: the one under the camera, "" outside of SITES; taken: captures
    of each site that are kept, in the order in which they were taken; skipped: sites with the reason; vouched: captures
    that look like another place, and of which somebody said that they are right; reason: why it was left.
    """

    plan: Plan
    step: Step = Step.PERSON
    answers: tuple[tuple[str, str], ...] = ()
    site: str = ""
    taken: tuple[tuple[str, tuple[int, ...]], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    vouched: frozenset[int] = frozenset()
    reason: str = ""

    @property
    def ended(self) -> bool:
        return self.step in ENDS

    def captures(self, site: str) -> tuple[int, ...]:
        """The photographs of a site that are kept."""
        return dict(self.taken).get(site, ())

    def missing(self, site: str) -> int:
        """Photographs that a site still needs; 0 for one that was skipped."""
        if site in dict(self.skipped):
            return 0
        return max(0, self.plan.frames(site) - len(self.captures(site)))

    @property
    def open_sites(self) -> tuple[str, ...]:
        """Sites that are neither complete nor skipped, in order."""
        return tuple(site for site in self.plan.site_ids if self.missing(site))

    @property
    def last_site(self) -> str:
        """The site of the latest photograph, which undo begins anew; "" before the first."""
        latest = [(captures[-1], site) for site, captures in self.taken if captures]
        return max(latest)[1] if latest else ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The person is who the code belongs to."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The checklist was answered."""

    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A site was put under the camera; at the review it is opened again."""

    site: str


@dataclass(frozen=True, slots=True)
class Took:
    """A photograph of the present site is on record."""

    capture: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A photograph was set aside, to be taken again."""

    capture: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A site is left out, with the reason."""

    site: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Undone:
    """A site begins anew: its photographs are set aside, and it is not left out."""

    site: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """A photograph that looks like another place is of the right one all the same."""

    capture: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was taken is looked through."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The visit is complete."""


@dataclass(frozen=True, slots=True)
class Left:
    """The visit ended before it was complete."""

    reason: LeaveReason


@dataclass(frozen=True, slots=True)
class Found:
    """What the record holds of this visit, told when it is taken up again. captures: site to captures, in order."""

    captures: tuple[tuple[str, tuple[int, ...]], ...]


Event = (
    Confirmed | Prepared | Chosen | Took | Rejected | Skipped | Undone | Vouched | Reviewed | Finished | Left | Found
)

_BELONGS: tuple[tuple[type, frozenset[Step]], ...] = (
    (Confirmed, frozenset({Step.PERSON})),
    (Prepared, frozenset({Step.PREPARATION})),
    (Chosen, frozenset({Step.SITES, Step.REVIEW})),
    (Took, frozenset({Step.SITES})),
    (Rejected, frozenset({Step.SITES, Step.REVIEW})),
    (Skipped, frozenset({Step.SITES, Step.REVIEW})),
    (Undone, frozenset({Step.SITES, Step.REVIEW})),
    (Vouched, frozenset({Step.SITES, Step.REVIEW})),
    (Reviewed, frozenset({Step.SITES})),
    (Finished, frozenset({Step.REVIEW})),
)
"""In which steps an event may happen; `Left` and `Found` in all but the ends."""


def follow(state: SessionState, event: Event) -> SessionState:
    """The state after an event. Raises VisitError for one that does not belong here, with what to do instead."""
    allowed = dict(_BELONGS).get(type(event), frozenset(Step) - ENDS)
    if state.step not in allowed:
        raise refuse(f"step-{state.step}")
    match event:
        case Confirmed():
            return replace(state, step=Step.PREPARATION)
        case Prepared(answers):
            return _go_on(replace(state, answers=answers, step=Step.SITES))
        case Chosen(site):
            state.plan.frames(site)
            skipped = tuple(pair for pair in state.skipped if pair[0] != site)
            return replace(state, step=Step.SITES, site=site, skipped=skipped)
        case Took(capture):
            return _took(state, capture)
        case Rejected(capture):
            site = _site_of(state, capture)
            return replace(_without(state, {capture}), step=Step.SITES, site=site)
        case Skipped(site, reason):
            state.plan.frames(site)
            skipped = (*(pair for pair in state.skipped if pair[0] != site), (site, str(reason)))
            return _go_on(replace(state, skipped=skipped))
        case Undone(site):
            state.plan.frames(site)
            skipped = tuple(pair for pair in state.skipped if pair[0] != site)
            return replace(_without(state, set(state.captures(site))), step=Step.SITES, site=site, skipped=skipped)
        case Vouched(capture):
            _site_of(state, capture)
            return replace(state, vouched=state.vouched | {capture})
        case Reviewed():
            return replace(state, step=Step.REVIEW, site="")
        case Finished():
            if state.open_sites:
                raise refuse("sites-open", sites=Terms(tuple(f"site.{site}" for site in state.open_sites)))
            return replace(state, step=Step.DONE, site="")
        case Left(reason):
            return replace(state, step=Step.LEFT, site="", reason=str(reason))
        case Found(captures):
            return _found(state, captures)


def _took(state: SessionState, capture: int) -> SessionState:
    if any(capture in captures for _, captures in state.taken):
        raise refuse("counted-already", number=capture)
    taken = _with(state.taken, state.site, (*state.captures(state.site), capture))
    state = replace(state, taken=taken)
    return state if state.missing(state.site) else _go_on(state)


def _found(state: SessionState, captures: tuple[tuple[str, tuple[int, ...]], ...]) -> SessionState:
    planned = set(state.plan.site_ids)
    taken = tuple((site, numbers) for site, numbers in captures if site in planned and numbers)
    skipped = tuple(pair for pair in state.skipped if pair[0] in planned)
    state = replace(state, taken=taken, skipped=skipped)
    if state.step is not Step.SITES or state.missing(state.site):
        return state
    return _go_on(state)


def _go_on(state: SessionState) -> SessionState:
    """To the next open site after one that is done, then to those before it; to the review when there is none."""
    if not state.open_sites:
        return replace(state, step=Step.REVIEW, site="")
    if state.step is Step.REVIEW or (state.site and state.missing(state.site)):
        return state
    order = state.plan.site_ids
    here = order.index(state.site) if state.site in order else -1
    after = [site for site in state.open_sites if order.index(site) > here]
    return replace(state, step=Step.SITES, site=(after or list(state.open_sites))[0])


def _without(state: SessionState, captures: set[int]) -> SessionState:
    taken = ((site, tuple(each for each in numbers if each not in captures)) for site, numbers in state.taken)
    return replace(
        state,
        taken=tuple((site, numbers) for site, numbers in taken if numbers),
        vouched=state.vouched - captures,
    )


def _with(
    taken: Iterable[tuple[str, tuple[int, ...]]], site: str, captures: tuple[int, ...]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple({**dict(taken), site: captures}.items())


def _site_of(state: SessionState, capture: int) -> str:
    for site, captures in state.taken:
        if capture in captures:
            return site
    raise refuse("no-such-photograph", number=capture)


def as_data(state: SessionState) -> dict[str, object]:
    """The state as JSON values, without what was taken: that is the record's."""
    plan = state.plan
    return {
        "code": plan.code,
        "visit": plan.visit,
        "protocol": plan.protocol,
        "rig": plan.rig,
        "sites": [list(each) for each in plan.sites],
        "first": plan.first,
        "step": str(state.step),
        "answers": dict(state.answers),
        "site": state.site,
        "skipped": dict(state.skipped),
        "vouched": sorted(state.vouched),
        "reason": state.reason,
    }


def from_data(data: Mapping[str, object]) -> SessionState:
    """A state that `as_data` made. Raises ValueError for anything else."""
    try:
        plan = Plan(
            code=str(data["code"]),
            visit=int(str(data["visit"])),
            protocol=str(data["protocol"]),
            rig=str(data["rig"]),
            sites=tuple((str(site), int(frames)) for site, frames in data["sites"]),  # type: ignore[attr-defined]
            first=bool(data["first"]),
        )
        return SessionState(
            plan=plan,
            step=Step(str(data["step"])),
            answers=tuple((str(key), str(value)) for key, value in data["answers"].items()),  # type: ignore[attr-defined]
            site=str(data["site"]),
            skipped=tuple((str(key), str(value)) for key, value in data["skipped"].items()),  # type: ignore[attr-defined]
            vouched=frozenset(int(each) for each in data["vouched"]),  # type: ignore[attr-defined]
            reason=str(data["reason"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"incomplete state of a visit: {error}") from error
