"""`station record` and `station erase` as a person types them."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.cli import main
from station.entries import DoseEntry, EventEntry, ShedEntry
from station.records.folder import DataFolder
from station.service.health_record import READERS, typed
from tests.conftest import SmallDisk

Run = Callable[..., Result]
START = "start=2026-01-05"
EXAMPLES = {
    "lab": ["analyte=b12", "text=<150", "unit=ng/l", "drawn=2026-01-05", "reference=180-914", "flags=biotin,fasting"],
    "regimen": ["kind=b12", "substance=b12", "dose=1000", "dose_unit=mcg", "route=oral", "schedule=daily", START],
    "dose": ["given=2026-01-05", "substance=b12", "dose=0,5", "dose_unit=mg", "route=im"],
    "event": ["kind=illness", "happened=2026-01-05"],
    "shed": ["method=wash-24h", "counted=2026-01-05", "count=126", "short=12", "hours_since_wash=24,5"],
    "answers": ["answered=2026-01-05", "diet=vegan", "metformin=no", "symptoms=fatigue,numbness", "symptoms=vision"],
    "profile": ["born=1980-05-01", "sex=female"],
    "hairline": ["marked=2026-01-05", "mid_mm=62.5", "left_mm=10", "right_mm=11"],
    "trichogram": ["made=2026-01-05", "anagen_percent=80", "telogen_percent=18.5"],
    "skip": ["step=shed", "skipped=2026-01-05", "reason=too short"],
    "acknowledged": ["acknowledged=2026-01-05", "wording=1"],
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in list(os.environ):
        if name.startswith("STATION_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STATION_DATA_FOLDER", str(tmp_path / "data"))

    def invoke(*arguments: str, typed: str | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def code(run: Run) -> str:
    result = run("record", "new")
    found = re.fullmatch(r"New person: ([0-9A-Z]{8})\n", result.output)
    assert found is not None
    return found[1]


def listed(run: Run, code: str, *kind: str) -> list[dict[str, object]]:
    result = run("record", "list", code, *kind, "--json")
    assert result.exit_code == 0, result.output
    rows: list[dict[str, object]] = json.loads(result.output)
    return rows


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(READERS)


@pytest.mark.req("REQ-04", "REQ-08", "REQ-20", "REQ-23", "REQ-41")
@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_was_entered_is_listed_corrected_and_removed(run: Run, code: str, kind: str) -> None:
    entered = run("record", "add", code, kind, *EXAMPLES[kind], "--by", "Ann")
    assert (entered.exit_code, entered.output) == (0, f"Entered {kind} 1 of person {code}.\n")
    before = listed(run, code, kind)
    assert [(row["kind"], row["id"], row["by"]) for row in before] == [(kind, 1, "Ann")]
    # Nothing given: its own text is read again and says the same.
    assert run("record", "correct", code, kind, "1").exit_code == 0
    assert listed(run, code, kind) == before
    assert run("record", "remove", code, kind, "1", "--by", "Ben").output == f"Removed {kind} 1 of person {code}.\n"
    assert listed(run, code) == []
    history = run("record", "history", code, kind, "1").output.splitlines()
    assert [line.split(" UTC ")[1] for line in history] == ["added by Ann", "removed by Ben"]


def test_a_correction_changes_the_fields_that_are_named(run: Run, code: str) -> None:
    run("record", "add", code, "shed", *EXAMPLES["shed"], "note=über Nacht")
    result = run("record", "correct", code, "shed", "1", "count=130", "short=", "--by", "Ben")
    assert result.output.startswith(f"Corrected shed 1 of person {code}: method=wash-24h counted=2026-01-05 count=130 ")
    (row,) = listed(run, code)
    entry = row["entry"]
    assert isinstance(entry, dict)
    assert (entry["count"], entry["short"], entry["hours_since_wash"], entry["note"]) == (130, None, 24.5, "über Nacht")
    second = run("record", "history", code, "shed", "1").output.splitlines()[1]
    assert re.search(r"corrected by Ben: .*count=126 short=12 .* -> .*count=130 ", second)


def test_a_refused_entry_is_one_line_for_each_field_and_changes_nothing(run: Run, code: str) -> None:
    run("record", "add", code, "event", *EXAMPLES["event"])
    before = listed(run, code)
    result = run("record", "add", code, "dose", "given=2999-01-01", "substance=b12", "dose=-1", "route=im", "colour=x")
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == ["given", "dose_unit", "dose", "colour"]
    assert "in the future" in lines[0]
    wrong = run("record", "correct", code, "event", "1", "happened=1999-13-01")
    assert (wrong.exit_code, wrong.stderr.split(":")[0]) == (2, "happened")
    assert listed(run, code) == before


def test_an_odd_value_passes_once_it_is_confirmed(run: Run, code: str) -> None:
    odd = [*EXAMPLES["regimen"][:2], "dose=1000", "dose_unit=mg", *EXAMPLES["regimen"][4:]]
    result = run("record", "add", code, "regimen", *odd)
    assert result.exit_code == 2
    assert re.fullmatch(r"dose: .* If it is right, confirm it\. \(--confirm\)\n", result.stderr)
    assert run("record", "add", code, "regimen", *odd, "--confirm").exit_code == 0


def test_dates_are_held_against_the_date_of_birth_in_both_orders(run: Run, code: str) -> None:
    run("record", "add", code, "event", "kind=surgery", "happened=1990-02-03")
    late = run("record", "add", code, "profile", "born=1991-01-01")
    assert late.exit_code == 2
    assert "born: This is after 1990-02-03, which event entry 1 names." in late.stderr
    run("record", "add", code, "profile", "born=1980-05-01")
    early = run("record", "add", code, "event", "kind=surgery", "happened=1979-02-03")
    assert early.exit_code == 2
    assert "before the date of birth" in early.stderr


def test_wrong_use_is_one_sentence(run: Run, code: str) -> None:
    for arguments, status, words in (
        (["add", code, "event", "kind"], 2, "'kind' is no field: write it like happened=2026-03-05."),
        (["add", code, "events", "kind=illness"], 1, "There is no kind of entry 'events'"),
        (["add", "NOBODY", "event", *EXAMPLES["event"]], 1, "There is no person NOBODY on record."),
        (["list", "NOBODY"], 1, "There is no person NOBODY on record."),
        (["correct", code, "event", "7", "kind=illness"], 1, f"Person {code} has no event entry 7 on record."),
        (["history", code, "event", "7"], 1, f"Person {code} has no event entry 7 on record."),
        (["remove", code, "event", str(2**70)], 1, "on record."),
    ):
        result = run("record", *arguments)
        assert (result.exit_code, result.stderr.count("\n")) == (status, 1), (arguments, result.output)
        assert words in result.stderr
    assert run("record", "list", code).output == f"There are no entries of person {code}.\n"


def test_text_that_would_steer_a_terminal_is_shown_harmless_and_long_text_short(run: Run, code: str) -> None:
    run("record", "add", code, "event", *EXAMPLES["event"], "note=one\ntwo " + "x" * 500)
    output = run("record", "list", code).output
    assert output.count("\n") == 1
    assert r"note=one\x0atwo xxx" in output
    assert len(output) < 200
    assert "x" * 500 in run("record", "list", code, "--json").output


def test_entries_are_made_while_a_station_works_in_the_folder(run: Run, code: str, tmp_path: Path) -> None:
    held = DataFolder(tmp_path / "data")
    try:
        assert run("record", "add", code, "shed", *EXAMPLES["shed"]).exit_code == 0
        assert len(listed(run, code, "shed")) == 1
        refused = run("erase", code, "--yes")
        assert refused.exit_code == 1
        assert "another station" in refused.output
    finally:
        held.close()


def test_a_demonstrations_folder_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "demonstration.json").write_text("{}")
    for arguments in (["record", "new"], ["record", "list", "K7QF2MXD"], ["erase", "K7QF2MXD", "--yes"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "demonstration's folder" in result.stderr


def test_a_read_only_disk_is_one_sentence(run: Run, small_disk: SmallDisk) -> None:
    disk = small_disk("4m")
    code = run("record", "new", "--data", str(disk / "data")).output.split()[-1]
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for arguments in (["record", "add", code, "event", *EXAMPLES["event"]], ["erase", code, "--yes"]):
        result = run(*arguments, "--data", str(disk / "data"))
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
        assert "mounted read-only" in result.stderr


def test_erasing_asks_for_the_code_once_more(run: Run, code: str, tmp_path: Path) -> None:
    run("record", "add", code, "event", *EXAMPLES["event"], "note=DISTINCTIVE")
    for answer in ("\n", "K7QF2MXD\n", code.lower() + "x\n"):
        refused = run("erase", code, typed=answer)
        assert refused.exit_code == 2
        assert f"That is not {code}: nothing was deleted." in refused.stderr
    assert len(listed(run, code)) == 1
    done = run("erase", code, typed=f"{code}\n")
    assert done.exit_code == 0
    assert f"Erased person {code}: 0 photographs of 0 visits and 1 entry" in done.output
    left = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert code.encode() not in left
    assert b"DISTINCTIVE" not in left
    unknown = run("erase", code, "--yes")
    assert (unknown.exit_code, unknown.stderr) == (1, f"Error: There is no person {code} on record.\n")


def test_erasing_without_a_question(run: Run, code: str) -> None:
    assert run("erase", code, "--yes").output.startswith(f"Erased person {code}: ")


def test_numbers_are_typed_with_every_digit_and_no_exponent() -> None:
    day = dt.date(2026, 1, 5)
    shed = typed(ShedEntry("wash", day, 3, hours_since_wash=1e-7, hair_length_cm=0.1 + 0.2))
    assert (shed["hours_since_wash"], shed["hair_length_cm"]) == ("0.0000001", "0.30000000000000004")
    assert typed(DoseEntry(day, "b12", 1000.0, "mcg", "im"))["dose"] == "1000"
    assert "note" not in typed(EventEntry("illness", day))
