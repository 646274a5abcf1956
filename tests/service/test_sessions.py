"""Visits on a real station with a simulated rig: what goes wrong has a sentence and a way on, and nobody's photograph
ever comes to somebody else."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from station.capture.checklist import usual_answers
from station.capture.refusal import VisitError
from station.clock import SimulatedClock
from station.errors import CameraError, NotFoundError
from station.rig.protocols import Rig
from station.rig.simulated import simulated_rig
from station.service.session_views import SessionView
from station.service.sessions import Sessions
from station.service.stage import HeldStage
from station.service.station import Station
from station.settings import Settings

MakeSettings = Callable[..., Settings]
RIG = (
    'id = "{name}"\nname = "R"\nnote = ""\n[camera]\nwidth_px = 1080\nheight_px = 810\npx_per_mm = 90.0\n'
    "[controls]\nexposure_us = 8000\n"
)
DAY = dt.timedelta(days=1)


class Bench:
    """A station whose rig looks at whom it is told: another seed is another person's scalp."""

    def __init__(self, make_settings: MakeSettings, clock: SimulatedClock, tmp_path: object) -> None:
        self.make_settings, self.clock, self.folder = make_settings, clock, tmp_path
        self.start = clock.moment.date()
        self.seed = 1
        self.site = ""
        self.open("wide")

    def open(self, rig: str) -> None:
        path = self.folder / f"{rig}.toml"  # type: ignore[operator]
        path.write_text(RIG.format(name=rig))
        self.station = Station(self.make_settings(rig_profile=str(path)), self.clock)
        self.sessions = Sessions(
            self.station.taking,
            self.station.profile.id,
            HeldStage(self.rig),
            lambda: None,
            place_check=self.station.sessions._place_check,
        )

    def rig(self) -> Rig:
        rig = simulated_rig(self.station.profile, self.clock, "healthy", self.seed, self.start)

        def place(site: str, moment: dt.datetime, placement: int) -> None:
            rig.place(self.site or site, moment, placement)

        return dataclasses.replace(rig, place=place)

    def ready(self, code: str | None = None, **more: bool) -> SessionView:
        """A visit at its first site."""
        view = self.sessions.begin(code, **more)
        view = self.sessions.confirm(view.token)
        return self.sessions.prepare(view.token, usual_answers())

    def only(self, view: SessionView, *sites: str) -> SessionView:
        """Takes these sites and leaves the others out."""
        for site in view.sites:
            if site.site not in sites:
                view = self.sessions.skip(view.token, site.site, "time")
        while view.now is not None:
            view = self.sessions.capture(view.token)
        self.station.measure_all()
        return self.sessions.view(view.token)

    def baseline(self, *sites: str) -> str:
        view = self.only(self.ready(), *sites)
        self.sessions.finish(view.token)
        return view.code

    def month_later(self) -> None:
        self.clock.moment += 30 * DAY
        self.sessions.close()


@pytest.fixture
def bench(make_settings: MakeSettings, clock: SimulatedClock, tmp_path: object) -> Iterator[Bench]:
    made = Bench(make_settings, clock, tmp_path)
    yield made
    made.sessions.close()
    made.station.close()


def keys(view: SessionView) -> list[str]:
    return [note.key.partition(".")[2] for note in view.notes]


def files(bench: Bench) -> int:
    return len(list(bench.station.images.names()))


@pytest.mark.req("REQ-14", "REQ-25")
def test_a_whole_visit_takes_three_photographs_of_each_site_then_two(bench: Bench) -> None:
    view = bench.ready()
    while view.now is not None:
        view = bench.sessions.capture(view.token)
    assert [len(site.taken) for site in view.sites] == [3] * 8
    code = bench.sessions.finish(view.token).code
    (row,) = bench.station.records.visits(code)
    assert (row.number, row.protocol) == (1, "macro-8/2")
    bench.month_later()
    view = bench.ready(code)
    assert (view.visit, view.first, {site.needed for site in view.sites}) == (2, False, {2})


def test_answers_and_the_persons_distances_are_kept_with_the_visit(bench: Bench) -> None:
    view = bench.sessions.begin(None)
    view = bench.sessions.confirm(view.token)
    view = bench.sessions.prepare(view.token, {**usual_answers(), "dye": "darker", "curl": "wavy"}, confirmed=True)
    assert "checklist.dye-darker-advice" in [note.key for note in view.notes]
    assert bench.station.records.sessions.answers(view.code, 1)["dye"] == "darker"
    view = bench.sessions.measure(view.token, "vertex", 5.5)
    for site, cm in (("vertex", 50.0), ("midscalp", 5.0)):
        with pytest.raises(VisitError):
            bench.sessions.measure(view.token, site, cm)
    bench.sessions.finish(bench.only(view).token)
    bench.month_later()
    later = bench.sessions.begin(view.code)
    vertex = later.site("vertex")
    assert vertex is not None
    assert vertex.cm == 5.5
    answers = {question.id: question.answer for question in later.questions}
    assert (answers["curl"], answers["dye"]) == ("wavy", ""), "what changes is asked anew"


def test_what_is_set_aside_waits_with_its_reason_and_goes_with_the_visit(bench: Bench) -> None:
    view = bench.ready()
    for _ in range(2):
        view = bench.sessions.capture(view.token)
    first, second = (taken.capture_id for taken in view.sites[0].taken)
    view = bench.sessions.reject(view.token, first, "blur")
    assert [(each.capture_id, each.reason.text()) for each in view.set_aside] == [(first, "not sharp")]
    assert files(bench) == 2
    view = bench.sessions.capture(view.token)
    new = view.sites[0].taken[-1].capture_id
    assert new not in (first, second), "no number is given twice"
    assert len({row.frame for row in bench.station.records.captures(view.code)}) == 2
    view = bench.sessions.undo(view.token)
    assert (len(view.set_aside), view.sites[0].taken) == (3, ())
    with pytest.raises(NotFoundError):
        bench.station.records.capture(second)
    view = bench.sessions.leave(view.token)
    assert (view.step, keys(view), files(bench)) == ("left", ["left-ended"], 0)
    capture = bench.sessions.capture(bench.ready(view.code).token).sites[0].taken[0].capture_id
    assert capture > new, "not even after it was deleted"


def test_two_touches_of_one_button_are_one_photograph(bench: Bench) -> None:
    view = bench.ready()
    for _ in range(3):
        view = bench.sessions.capture(view.token, seen=0, site="frontal")
    assert len(view.sites[0].taken) == 1
    assert bench.sessions.capture(view.token, seen=1, site="vertex").sites[0].taken == view.sites[0].taken


def test_a_person_who_leaves_in_mid_session_goes_on_the_same_day(bench: Bench) -> None:
    view = bench.sessions.capture(bench.ready().token)
    view = bench.sessions.skip(view.token, "vertex", "wound")
    left = bench.sessions.leave(view.token, "went-away")
    assert "continued today" in left.notes[0].text()
    assert "heute" in left.notes[0].text("de")
    with pytest.raises(VisitError, match="This visit is over"):
        bench.sessions.capture(view.token)
    again = bench.sessions.begin(view.code)
    assert (again.step, again.visit, keys(again)[0]) == ("person", 1, "today")
    again = bench.sessions.prepare(bench.sessions.confirm(again.token).token, usual_answers())
    assert (len(again.sites[0].taken), again.sites[0].needed) == (1, 3)
    vertex = again.site("vertex")
    assert vertex is not None
    assert vertex.skipped == "wound"


def test_nobody_going_on_closes_the_visit_with_a_sentence(bench: Bench) -> None:
    view = bench.sessions.capture(bench.ready().token)
    bench.clock.moment += dt.timedelta(minutes=19)
    assert bench.sessions.resume() is not None
    bench.clock.moment += dt.timedelta(minutes=2)
    assert bench.sessions.resume() is None
    assert bench.sessions.view(view.token).notes[0].text().startswith("Nobody went on for 20 minutes")
    with pytest.raises(VisitError, match="over"):
        bench.sessions.capture(view.token)
    assert bench.sessions.begin(view.code).step == "person"


def test_somebody_else_with_another_code_ends_the_first_visit_knowingly(bench: Bench) -> None:
    other = bench.baseline("vertex")
    view = bench.sessions.capture(bench.ready().token)
    with pytest.raises(VisitError, match="Somebody else's visit is still open") as caught:
        bench.sessions.begin(other)
    assert (caught.value.what, view.code in str(caught.value)) == ("other-open", False)
    theirs = bench.ready(other, take_over=True)
    assert keys(bench.sessions.view(view.token)) == ["left-other-person"]
    with pytest.raises(VisitError, match="over"):
        bench.sessions.capture(view.token)
    theirs = bench.sessions.choose(theirs.token, "frontal")
    bench.sessions.capture(theirs.token)
    assert [row.person for row in bench.station.records.captures(view.code)] == [view.code]
    with pytest.raises(VisitError, match="does not belong"):
        bench.sessions.reject(theirs.token, view.sites[0].taken[0].capture_id)
    assert len(bench.station.records.captures(view.code)) == 1


def test_a_person_who_is_not_the_codes_ends_it_before_anything_is_taken(bench: Bench) -> None:
    code = bench.baseline("vertex")
    bench.month_later()
    view = bench.sessions.begin(code)
    with pytest.raises(VisitError, match="confirm"):
        bench.sessions.capture(view.token)
    assert keys(bench.sessions.leave(view.token, "not-this-person")) == ["left-not-this-person"]
    assert len(bench.station.records.visits(code)) == 1
    new = bench.sessions.begin(None)
    bench.sessions.leave(new.token)
    with pytest.raises(NotFoundError):
        bench.station.records.person(new.code)


def test_the_same_head_is_the_same_place_a_month_later(bench: Bench) -> None:
    code = bench.baseline("vertex")
    bench.month_later()
    view = bench.only(bench.ready(code), "vertex")
    vertex = view.site("vertex")
    assert vertex is not None
    assert [(taken.problem, taken.state) for taken in vertex.taken] == [(None, "measured")] * 2


def test_another_persons_scalp_is_told_and_can_be_vouched_for_or_left(bench: Bench) -> None:
    code = bench.baseline("vertex")
    bench.month_later()
    bench.seed = 2
    view = bench.only(bench.ready(code), "vertex")
    vertex = view.site("vertex")
    assert vertex is not None
    assert [taken.problem.key if taken.problem else "" for taken in vertex.taken] == ["session.other-place"] * 2
    assert "If somebody else sat down" in vertex.taken[0].problem.text()  # type: ignore[union-attr]
    view = bench.sessions.vouch(view.token, vertex.taken[0].capture_id)
    vertex = view.site("vertex")
    assert vertex is not None
    assert [(taken.vouched, taken.problem is None) for taken in vertex.taken] == [(True, True), (False, False)]


def test_somebody_else_who_sits_down_between_two_photographs_of_the_first_visit_is_told(bench: Bench) -> None:
    view = bench.ready()
    for _ in range(2):
        view = bench.sessions.capture(view.token)
    bench.sessions._stage.release()
    bench.seed = 2
    view = bench.sessions.capture(view.token)
    bench.station.measure_all()
    taken = bench.sessions.view(view.token).sites[0].taken
    assert [each.problem.key if each.problem else "" for each in taken] == ["", "", "session.other-place"]


def test_the_wrong_site_is_named(bench: Bench) -> None:
    code = bench.baseline("vertex", "occipital")
    bench.month_later()
    bench.site = "occipital"
    view = bench.only(bench.ready(code), "vertex")
    vertex = view.site("vertex")
    assert vertex is not None
    told = vertex.taken[0].problem
    assert told is not None
    assert told.text() == "This looks like the site occipital. Find the site vertex once more and take it again."


def test_a_hat_is_told_by_what_could_not_be_counted(bench: Bench) -> None:
    view = bench.ready()
    rig = bench.rig()

    class Covered:
        """A camera that sees cloth."""

        def expose(self, controls: object, lamp: object) -> object:
            frame = rig.camera.expose(controls, lamp)  # type: ignore[arg-type]
            return dataclasses.replace(frame, pixels=np.full_like(frame.pixels, 20))

        def __getattr__(self, name: str) -> object:
            return getattr(rig.camera, name)

    held = dataclasses.replace(rig, camera=Covered())  # type: ignore[arg-type]
    bench.sessions._stage = HeldStage(lambda: held)
    view = bench.sessions.capture(view.token)
    bench.station.measure_all()
    (taken,) = bench.sessions.view(view.token).sites[0].taken
    assert taken.state == "failed"
    assert taken.problem is not None
    assert "Take off what covers the head" in taken.problem.text()
    assert "leave the site out" in taken.problem.text()


def test_a_second_visit_on_one_day_continues_the_first(bench: Bench) -> None:
    code = bench.baseline("vertex")
    bench.clock.moment += dt.timedelta(hours=3)
    view = bench.ready(code)
    assert (view.visit, "today" in keys(view), view.step) == (1, True, "review"), "everything was taken or left out"
    view = bench.sessions.choose(view.token, "frontal")
    view = bench.sessions.capture(view.token)
    assert {row.visit for row in bench.station.records.captures(code)} == {1}


def test_another_rig_begins_a_new_series_and_never_joins_todays_visit(bench: Bench) -> None:
    code = bench.baseline("vertex")
    bench.sessions.close()
    bench.station.close()
    bench.open("other")
    with pytest.raises(VisitError, match=r"with another camera \(wide\)"):
        bench.sessions.begin(code)
    bench.month_later()
    view = bench.ready(code)
    assert (view.first, keys(view)[0], {site.needed for site in view.sites}) == (True, "series-rig", {3})
    view = bench.only(view, "vertex")
    vertex = view.site("vertex")
    assert vertex is not None
    assert vertex.taken[0].problem is None, "nothing is compared across series"


def test_visits_go_on_with_the_protocol_of_their_series_until_a_new_one_is_wanted(bench: Bench) -> None:
    records = bench.station.records
    code = bench.baseline("vertex")
    with records._database.write() as connection:
        connection.execute("update visits set protocol = 'macro-8/1'")
    bench.month_later()
    view = bench.ready(code)
    assert (view.protocol, view.first) == ("macro-8/1", False)
    bench.sessions.leave(view.token)
    view = bench.ready(code, new_series=True)
    assert (view.protocol, view.first, keys(view)[-1]) == ("macro-8/2", True, "series-protocol")


def test_a_site_without_a_baseline_takes_as_many_as_one(bench: Bench) -> None:
    code = bench.baseline("vertex")
    bench.month_later()
    view = bench.ready(code)
    needed = {site.site: site.needed for site in view.sites}
    assert (needed["vertex"], needed["frontal"]) == (2, 3)
    frontal = view.site("frontal")
    assert frontal is not None
    assert frontal.note is not None
    assert "begin its series" in frontal.note.text()


def test_a_camera_that_fails_loses_nothing_and_can_be_tried_again(bench: Bench) -> None:
    view = bench.sessions.capture(bench.ready().token)

    def broken() -> Rig:
        raise CameraError("no camera")

    working, bench.sessions._stage = bench.sessions._stage, HeldStage(broken)
    with pytest.raises(CameraError):
        bench.sessions.capture(view.token)
    bench.sessions._stage = working
    assert len(bench.sessions.capture(view.token).sites[0].taken) == 2


def test_erasing_a_person_takes_the_open_visit_along(bench: Bench) -> None:
    view = bench.sessions.capture(bench.ready().token)
    bench.sessions.measure(view.token, "vertex", 6.0)
    bench.sessions.reject(view.token, view.sites[0].taken[0].capture_id)
    picture = (np.random.default_rng(1).integers(0, 256, (200, 150, 3))).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    bench.station.views.store(view.code, "frontal", out.getvalue(), None)
    assert files(bench) == 2
    bench.station.erase(view.code)
    assert files(bench) == 0
    with pytest.raises(NotFoundError):
        bench.sessions.view(view.token)
    assert bench.sessions.resume() is None
    with bench.station.records._database.read() as connection:
        for table in ("sessions", "rejected", "preparations", "site_places", "global_views"):
            assert connection.table(table).count == 0, table
    folder = bench.station.settings.data_folder
    traces = [path for path in folder.rglob("*") if path.is_file() and view.code.encode() in path.read_bytes()]
    assert traces == []


def test_a_finished_visit_of_today_is_finished_for_the_trends_too(bench: Bench) -> None:
    view = bench.only(bench.ready(), "vertex")
    assert not bench.station.person_record(view.code).visits[0].finished
    bench.sessions.finish(view.token)
    assert bench.station.person_record(view.code).visits[0].finished
