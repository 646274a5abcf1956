"""The visit as pure values: every order of events leaves a state that can be gone on with, and nothing counts twice."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from station.capture.refusal import VisitError
from station.capture.visit import (
    ENDS,
    Chosen,
    Confirmed,
    Event,
    Finished,
    Found,
    LeaveReason,
    Left,
    Plan,
    Prepared,
    Rejected,
    Reviewed,
    SessionState,
    Skipped,
    SkipReason,
    Step,
    Took,
    Undone,
    Vouched,
    as_data,
    follow,
    from_data,
)

SITES = ("frontal", "vertex", "occipital")
PLAN = Plan("K7QF2MXD", 2, "macro-8/2", "reference", tuple((site, 2) for site in SITES))
ANSWERS = (("head", "free"),)


def after(*events: Event, start: SessionState | None = None) -> SessionState:
    state = start or SessionState(PLAN)
    for event in events:
        state = follow(state, event)
    return state


READY = after(Confirmed(), Prepared(ANSWERS))


def test_a_whole_visit() -> None:
    state = READY
    seen = []
    for capture in range(1, 7):
        seen.append(state.site)
        state = follow(state, Took(capture))
    assert seen == ["frontal", "frontal", "vertex", "vertex", "occipital", "occipital"]
    assert (state.step, state.site, state.open_sites) == (Step.REVIEW, "", ())
    assert follow(state, Finished()).step is Step.DONE


def test_undo_begins_the_site_of_the_latest_photograph_anew() -> None:
    state = after(Took(1), Took(2), start=READY)
    assert (state.site, state.last_site) == ("vertex", "frontal")
    undone = follow(state, Undone("frontal"))
    assert (undone.site, undone.captures("frontal"), undone.missing("frontal")) == ("frontal", (), 2)
    assert after(Took(3), Took(4), start=undone).site == "vertex", "it goes on where it was"


def test_a_photograph_that_is_rejected_at_the_review_is_taken_again() -> None:
    state = after(*(Took(n) for n in range(1, 7)), Rejected(3), start=READY)
    assert (state.step, state.site, state.captures("vertex")) == (Step.SITES, "vertex", (4,))
    assert follow(state, Took(7)).step is Step.REVIEW


def test_a_site_is_left_out_with_its_reason_and_taken_after_all() -> None:
    state = after(Skipped("vertex", SkipReason.WOUND), start=READY)
    assert (state.site, state.skipped) == ("frontal", (("vertex", "wound"),))
    assert after(Took(1), Took(2), start=state).site == "occipital"
    assert after(Chosen("vertex"), start=state).skipped == ()
    with pytest.raises(VisitError, match="no site crown"):
        follow(state, Skipped("crown", SkipReason.OTHER))


def test_a_visit_with_open_sites_is_not_finished() -> None:
    state = after(Took(1), Took(2), Reviewed(), start=READY)
    with pytest.raises(VisitError, match="vertex and occipital") as caught:
        follow(state, Finished())
    assert caught.value.told("de") != caught.value.told("en")


def test_taking_a_visit_up_again_counts_what_the_record_holds() -> None:
    cut_off = from_data(as_data(after(Took(1), start=READY)))
    assert cut_off.taken == ()
    found = follow(cut_off, Found((("frontal", (1, 2)), ("crown", (9,)))))
    assert (found.site, found.taken) == ("vertex", (("frontal", (1, 2)),)), "the second one was stored before the cut"


@pytest.mark.parametrize(
    ("state", "event", "words"),
    [
        (SessionState(PLAN), Took(1), "confirm"),
        (SessionState(PLAN), Prepared(ANSWERS), "confirm"),
        (after(Confirmed()), Took(1), "questions"),
        (READY, Confirmed(), "Go on with the site"),
        (READY, Finished(), "Go on with the site"),
        (after(Reviewed(), start=READY), Took(1), "Choose a site"),
        (after(Left(LeaveReason.ENDED), start=READY), Took(1), "Begin again"),
        (after(Left(LeaveReason.ENDED), start=READY), Left(LeaveReason.ENDED), "Begin again"),
        (after(Took(1), start=READY), Took(1), "counted already"),
        (after(Took(1), start=READY), Rejected(2), "does not belong"),
        (after(Took(1), start=READY), Vouched(2), "does not belong"),
    ],
)
def test_what_does_not_belong_is_refused_and_changes_nothing(state: SessionState, event: Event, words: str) -> None:
    with pytest.raises(VisitError, match=words):
        follow(state, event)


@pytest.mark.parametrize("damage", [{}, {"step": "nowhere"}, {"sites": 3}, {"visit": "x"}, {"answers": None}])
def test_a_damaged_state_is_a_value_error(damage: dict[str, object]) -> None:
    data = {**as_data(READY), **damage} if damage else {}
    with pytest.raises(ValueError, match=r".+"):
        from_data(data)


class Visits(RuleBasedStateMachine):
    """Any order of events, with power cuts: the record (what was stored) is kept beside the state."""

    kept = Bundle("kept")

    def __init__(self) -> None:
        super().__init__()
        self.state = SessionState(PLAN)
        self.record: dict[str, list[int]] = {site: [] for site in SITES}
        self.aside: set[int] = set()
        self.number = 0

    def tell(self, event: Event) -> bool:
        before = self.state
        try:
            self.state = follow(self.state, event)
        except VisitError:
            assert self.state is before
            return False
        return True

    @rule()
    def confirm(self) -> None:
        self.tell(Confirmed())

    @rule()
    def prepare(self) -> None:
        self.tell(Prepared(ANSWERS))

    @precondition(lambda self: self.state.step is Step.SITES)
    @rule(target=kept, cut=st.booleans())
    def take(self, cut: bool) -> int:
        """cut: the power fails between the photograph and the step."""
        self.number += 1
        self.record[self.state.site].append(self.number)
        if cut:
            self.cut()
        else:
            assert self.tell(Took(self.number))
        return self.number

    @rule(capture=consumes(kept))
    def reject(self, capture: int) -> None:
        if self.tell(Rejected(capture)):
            self.set_aside([capture])

    @rule(site=st.sampled_from((*SITES, "crown")), reason=st.sampled_from(SkipReason))
    def skip(self, site: str, reason: SkipReason) -> None:
        self.tell(Skipped(site, reason))

    @rule(site=st.sampled_from(SITES))
    def undo(self, site: str) -> None:
        captures = self.state.captures(site)
        if self.tell(Undone(site)):
            self.set_aside(captures)

    @rule(site=st.sampled_from(SITES))
    def choose(self, site: str) -> None:
        if self.tell(Chosen(site)):
            assert (self.state.step, self.state.site) == (Step.SITES, site)

    @rule()
    def review(self) -> None:
        self.tell(Reviewed())

    @rule()
    def finish(self) -> None:
        whole = self.state.step is Step.REVIEW and not self.state.open_sites
        assert self.tell(Finished()) == whole

    @rule(reason=st.sampled_from(LeaveReason))
    def leave(self, reason: LeaveReason) -> None:
        ended = self.state.ended
        assert self.tell(Left(reason)) != ended

    @rule()
    def cut(self) -> None:
        """The power fails, and the visit is taken up again from what is on the disk."""
        stored = from_data(as_data(self.state))
        if not stored.ended:
            self.state = follow(stored, Found(tuple((site, tuple(held)) for site, held in self.record.items())))

    def set_aside(self, captures: list[int] | tuple[int, ...]) -> None:
        self.aside.update(captures)
        for held in self.record.values():
            held[:] = [each for each in held if each not in captures]

    @invariant()
    def every_photograph_counts_once(self) -> None:
        if self.state.ended and not self.state.taken:
            return
        counted = [capture for _, captures in self.state.taken for capture in captures]
        assert sorted(counted) == sorted(each for held in self.record.values() for each in held)
        assert not self.aside.intersection(counted)

    @invariant()
    def the_site_under_the_camera_is_one_of_the_plan(self) -> None:
        assert (self.state.site in SITES) == (self.state.step is Step.SITES)
        assert self.state.step not in ENDS or not self.state.site

    @invariant()
    def a_finished_visit_is_whole(self) -> None:
        if self.state.step is Step.DONE:
            assert self.state.open_sites == ()

    @invariant()
    def nothing_is_taken_before_the_questions(self) -> None:
        if self.state.taken:
            assert self.state.answers == ANSWERS


TestVisits = Visits.TestCase
TestVisits.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
