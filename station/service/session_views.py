"""What pages and commands may know of a visit under way: plain, read-only values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from station.capture.checklist import questions
from station.capture.protocol import Measure, load_protocol, protocol_ids
from station.capture.visit import LeaveReason, RejectReason, SkipReason, Step
from station.trends.sentences import Sentence
from station.values import Interval

SKIP_REASONS = tuple(str(each) for each in SkipReason)
REJECT_REASONS = tuple(str(each) for each in RejectReason)
LEAVE_REASONS = tuple(str(each) for each in LeaveReason if each is not LeaveReason.TIMEOUT)
STEPS = tuple(str(each) for each in Step)


@dataclass(frozen=True, slots=True)
class TakenView:
    """One photograph of the visit. state: captured, measured, failed; hairs_per_cm2, fu_per_cm2: each with its 90 %
    interval, None until it is measured; problem: what is the matter with it and what to do; asks: somebody may say that
    it is right all the same; vouched: somebody did."""

    capture_id: int
    state: str
    hairs_per_cm2: float | None
    interval: Interval | None
    problem: Sentence | None
    asks: bool
    vouched: bool
    fu_per_cm2: float | None = None
    fu_interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class SiteProgress:
    """One site of the visit. state: "now", "open", "done" or "skipped"; cm: the person's own distance that it is found
    by, None until it is measured; skipped: the reason, "" where it is not left out; note: what to know about it."""

    site: str
    name: str
    head_x: float
    head_y: float
    find: str
    measure: Measure | None
    cm: float | None
    needed: int
    taken: tuple[TakenView, ...]
    state: str
    skipped: str
    note: Sentence | None

    @property
    def missing(self) -> int:
        return max(0, self.needed - len(self.taken))


@dataclass(frozen=True, slots=True)
class AsideView:
    """A photograph that was set aside, with the reason in words."""

    capture_id: int
    site: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question of the checklist. choices: each with its words; answer: given so far or offered, "" for none."""

    id: str
    sentence: Sentence
    choices: tuple[tuple[str, Sentence], ...]
    needed: bool
    answer: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A visit under way or ended. token: names it in every call, "" in quick mode; notes: what to know about it as a
    whole; set_aside: photographs that are deleted at its end; undo: the site that undo begins anew, "" for none."""

    token: str
    code: str
    new: bool
    step: str
    visit: int
    first: bool
    protocol: str
    sites: tuple[SiteProgress, ...]
    questions: tuple[QuestionView, ...]
    notes: tuple[Sentence, ...]
    set_aside: tuple[AsideView, ...]
    undo: str

    @property
    def rejected(self) -> int:
        """How many photographs are set aside."""
        return len(self.set_aside)

    @property
    def now(self) -> SiteProgress | None:
        """The site under the camera."""
        return next((site for site in self.sites if site.state == "now"), None)

    @property
    def missing(self) -> tuple[SiteProgress, ...]:
        """Sites that are neither complete nor left out."""
        return tuple(site for site in self.sites if not site.skipped and site.missing)

    def site(self, site: str) -> SiteProgress | None:
        return next((each for each in self.sites if each.site == site), None)


def question_views(answers: dict[str, str], offered: dict[str, str]) -> tuple[QuestionView, ...]:
    """The checklist with what was answered. offered: the last visit's answers, for questions that keep theirs."""
    return tuple(
        QuestionView(
            id=each.id,
            sentence=each.sentence,
            choices=tuple((choice, each.words(choice)) for choice in each.choices),
            needed=each.needed,
            answer=answers.get(each.id, offered.get(each.id, "") if each.keeps else ""),
        )
        for each in questions()
    )


def landmark_texts(protocol: str) -> tuple[str, ...]:
    """How the landmarks of a protocol are found, in English."""
    return tuple(mark.find for mark in load_protocol(protocol).landmarks)


def data_texts() -> Iterator[tuple[str, str]]:
    """Keys and English texts of the protocols, for the catalogues of translations."""
    for name in protocol_ids():
        protocol = load_protocol(name)
        for site in protocol.sites:
            yield f"protocol.{name}.{site.id}", site.find
            if site.measure is not None:
                yield f"protocol.{name}.{site.id}.measure", site.measure.what
        for mark in protocol.landmarks:
            yield f"protocol.{name}.{mark.id}", mark.find
        for view in protocol.views:
            yield f"protocol.{name}.view-{view.id}", view.name
            yield f"protocol.{name}.view-{view.id}.find", view.find
