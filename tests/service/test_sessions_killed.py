"""A power cut at every step of a visit: it goes on at the same place, nothing is lost, nothing counts twice.

As in `tests/capture/test_killed.py` the real work runs in a child that ends without any clean-up at the n-th line.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from station.capture.checklist import usual_answers
from station.records.images import ImageFolder
from station.records.photograph import check
from station.records.recovery import recover
from station.records.store import Records
from station.rig.protocols import Rig
from station.rig.replay import replay_rig
from station.service.session_views import SessionView
from station.service.sessions import Sessions
from station.service.stage import HeldStage
from station.service.taking import Taking
from station.settings import load
from tests.capture.test_killed import CLOCK, PROFILE, in_a_process_of_its_own, killed_at, ram  # noqa: F401

TRACED = ("/station/service/sessions.py", "/station/records/sessions.py")
STRIDE = 11
"""Every so many lines: each line is passed many times in a visit."""
TAKEN = "frontal"


def sessions_in(folder: Path) -> Sessions:
    photographs = folder / "photographs"
    photographs.mkdir(exist_ok=True)
    if not any(photographs.iterdir()):
        pixels = np.random.default_rng(1).integers(0, 256, (72, 96, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(photographs / "a.png")
    records, images = Records(folder / "station.sqlite3"), ImageFolder(folder / "images")
    recover(records, images)
    settings = load(environment={}, data_folder=folder, storage_reserve_mb=20)

    def rig() -> Rig:
        return replay_rig(photographs, PROFILE, CLOCK, cycle=True)

    return Sessions(Taking(records, images, settings, CLOCK), PROFILE.id, HeldStage(rig), lambda: None)


def one_visit(folder: Path, *, slips: bool = True) -> SessionView:
    """A visit from where it stands to its end: one site is taken, the others are left out. slips: a photograph is
    taken again and the site is begun anew on the way."""
    sessions = sessions_in(folder)
    records = sessions._records
    view = sessions.resume()
    if view is None:
        known = records.persons()
        view = sessions.begin(known[0].code if known else None)
    while view.step not in ("done", "left"):
        if view.step == "person":
            view = sessions.confirm(view.token)
        elif view.step == "preparation":
            view = sessions.prepare(view.token, usual_answers())
        elif view.step == "review":
            view = sessions.finish(view.token)
        elif view.now is not None and view.now.site != TAKEN:
            view = sessions.skip(view.token, view.now.site, "time")
        else:
            view = sessions.capture(view.token)
            if slips and view.rejected == 0:
                view = sessions.reject(view.token, view.sites[0].taken[0].capture_id, "blur")
            elif slips and view.rejected == 1 and view.sites[0].missing == 1:
                view = sessions.undo(view.token, TAKEN)
    sessions.close()
    records.close()
    return view


def test_killed_at_every_line_of_a_visit_it_goes_on(ram: Path) -> None:  # noqa: F811
    report = in_a_process_of_its_own("visit", ram, __file__)
    assert report["lines"] > 300, "the trace saw too little"
    # The kills fell into every phase of the visit.
    assert set(report["seen"]) >= {"none", "person", "preparation", "sites", "review", "done"}


def kill_the_visit(ram: Path) -> dict[str, Any]:  # noqa: F811
    (ram / "warm").mkdir()
    one_visit(ram / "warm")
    step, seen, finished = 0, set(), False
    while not finished:
        step += STRIDE
        folder = ram / f"step-{step}"
        folder.mkdir()
        finished = killed_at(step, lambda folder=folder: one_visit(folder) and None, TRACED)  # type: ignore[misc]
        seen.add(look_after(folder))
        shutil.rmtree(folder)
    return {"lines": step, "seen": sorted(seen)}


def look_after(folder: Path) -> str:
    """The next start after a kill: how far the visit had come, and that it goes on to its end."""
    on_disk = list((folder / "images").rglob("*.jpg"))
    records = Records(folder / "station.sqlite3")
    row = records.sessions.open_session()
    persons = records.persons()
    ended = [each for person in persons for each in records.sessions.of_visit(person.code, 1) if each.ended]
    phase = row.state["step"] if row else "done" if ended else "none"
    records.close()
    if ended:
        assert 3 <= len(on_disk) <= 6, "what was set aside may be deleted by the next start"
    view = one_visit(folder, slips=False)
    assert view.step == "done"
    records = Records(folder / "station.sqlite3")
    (person,) = records.persons()
    captures = records.captures(person.code)
    taken = {each.capture_id for site in view.sites for each in site.taken}
    assert {each.capture_id for each in captures} == taken, "all that is on record counts"
    assert len({each.frame for each in captures}) == len(captures) == 3, "as many as were needed, each once"
    left = {path.relative_to(folder / "images").as_posix() for path in (folder / "images").rglob("*") if path.is_file()}
    assert left == {each.image.name for each in captures}, "and nothing is left of what was set aside"
    for each in captures:
        assert check((folder / "images" / each.image.name).read_bytes()).header.person == person.code
    assert records.sessions.answers(person.code, 1) == usual_answers()
    assert records.sessions.to_delete() == ()
    records.close()
    return str(phase)


@pytest.mark.parametrize("site", [TAKEN])
def test_the_visit_of_the_test_takes_what_it_says(tmp_path: Path, site: str) -> None:
    view = one_visit(tmp_path)
    found = view.site(site)
    assert found is not None
    assert (len(found.taken), found.skipped) == (3, "")
    assert sum(bool(each.skipped) for each in view.sites) == 7


if __name__ == "__main__":
    sys.stdout.write(json.dumps(kill_the_visit(Path(sys.argv[2]))))
