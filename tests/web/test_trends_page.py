"""The page of trends: all findings in the reader's language, what is urgent first, the chart's data, the calendar."""

from __future__ import annotations

import dataclasses
import datetime as dt

import icalendar
import pytest
from flask.testing import FlaskClient

from station.entries import AnswersEntry, DoseEntry, EventEntry, LabEntry, ShedEntry
from tests.trends.courses import RECOVERY, course, day, treated
from tests.trends.people import lab, person
from tests.web.fixture_station import CODE, FixtureStation
from tests.web.test_pages import page
from web import create_app

TRENDS = f"/person/{CODE}/trends"
OPEN = LabEntry("b12", "<150", "<", 150.0, 0.0, 150.0, "pg/mL", day(0), laboratory="<script>alert(1)</script>")


def client_of(station: FixtureStation, **options: bool) -> FlaskClient:
    return create_app(station, **options).test_client()  # type: ignore[arg-type]


@pytest.mark.req("REQ-01", "REQ-26", "REQ-32", "REQ-34a")
def test_every_finding_has_its_place(client: FlaskClient) -> None:
    text = page(client, TRENDS)
    for title in (
        "What can be said now",
        "Density beside blood values",
        "Where you are on the calendar",
        "Milestones",
        "Recovery",
        "Where on the head",
        "Six things side by side",
        "Blood values",
        "Grey hair",
        "Pattern and graft estimate",
        "Baseline",
        "Coming up",
    ):
        assert f">{title}<" in text
    assert "The mean of the last three visits changed by +" in text
    assert "seen" in text
    assert "200 and 300 pg/mL limits" in text


def test_the_page_speaks_german(client: FlaskClient) -> None:
    client.set_cookie("lang", "de")
    text = page(client, TRENDS)
    assert '<html lang="de">' in text
    assert "What can be said now" not in text


@pytest.mark.req("REQ-33")
def test_what_is_urgent_stands_first_and_stays_without_interpretation(station: FixtureStation) -> None:
    answers = AnswersEntry(day(0), symptoms=("numbness",))
    station.record = treated(RECOVERY, answers=answers)
    for interpretation in (True, False):
        text = page(client_of(station, interpretation=interpretation), TRENDS)
        assert text.index('role="alert"') < text.index("What can be said now")
    assert "may approach its earlier level" not in text


@pytest.mark.req("REQ-31")
def test_the_charts_data_hold_words_units_and_open_results(station: FixtureStation) -> None:
    station.record = dataclasses.replace(
        course(RECOVERY, labs=(OPEN, lab("b12", 412, "pg/mL", day(60)))),
        events=(EventEntry("haircut", day(30)),),
        sheds=(ShedEntry("comb-60s", day(0), 31), ShedEntry("comb-60s", day(60), 12)),
    )
    data = client_of(station).get(f"/api/person/{CODE}/timeline").get_json()
    (view,) = data["labs"]
    assert [unit["ucum"] for unit in view["units"]] == ["pg/mL", "ng/L", "pmol/L"]
    assert [result["comparator"] for result in view["results"]] == ["<", "="]
    assert view["results"][0]["lines"][1] == "<150 pg/mL"
    assert [band["title"] for band in view["bands"]] == ["low", "borderline", "in range"]
    assert data["rows"] == ["Vitamin B12", "Haircut"]
    assert data["sheds"][0]["label"] == "Combing for 60 seconds"
    assert len(data["density"]["means"]) == 13


def test_the_chart_names_blood_values_in_the_readers_language(client: FlaskClient) -> None:
    client.set_cookie("lang", "de")
    data = client.get(f"/api/person/{CODE}/timeline").get_json()
    assert data["labs"][0]["name"] == "Vitamin B12 (gesamt)"
    assert "Vitamin B12 (total)" not in page(client, TRENDS)


def test_the_expected_band_is_drawn_only_with_interpretation(station: FixtureStation) -> None:
    for interpretation in (True, False):
        client = client_of(station, interpretation=interpretation)
        expected = client.get(f"/api/person/{CODE}/timeline").get_json()["expected"]
        assert bool(expected) == ("what may be expected" in page(client, TRENDS)) == interpretation


def test_the_key_names_only_what_the_chart_shows(station: FixtureStation) -> None:
    keys = ("error between visits", "smoothed course", "baseline</li>", "another camera", "what could be measured")
    station.record = course([1.0])
    assert [key in page(client_of(station), TRENDS) for key in keys] == [True, False, False, False, False]
    record = course(RECOVERY, labs=(OPEN,))
    visits = tuple(dataclasses.replace(v, series="two") if v.number > 6 else v for v in record.visits)
    station.record = dataclasses.replace(record, visits=visits)
    assert [key in page(client_of(station), TRENDS) for key in keys] == [True] * 5


def test_notes_are_no_markup_and_the_plain_calendar_has_none_of_them(station: FixtureStation) -> None:
    note = "<script>alert(2)</script>"
    dose = DoseEntry(day(30), note, 1000, "mcg", "im", note=note)
    event = EventEntry(note, day(30), note)
    station.record = dataclasses.replace(treated(RECOVERY), doses=(dose,), events=(event,))
    client = client_of(station)
    assert "<script>alert" not in client.get(TRENDS).get_data(as_text=True)
    answer = client.get(f"/api/person/{CODE}/timeline")
    assert answer.mimetype == "application/json"
    assert note in answer.get_json()["rows"]
    plain = client.get(f"/person/{CODE}/reminders.ics").get_data(as_text=True)
    titles = [str(event["summary"]) for event in icalendar.Calendar.from_ical(plain).walk("VEVENT")]
    assert titles
    assert not any(word in plain for word in ("B12", "ferritin", "injection", "script"))


def test_a_person_with_nothing_on_record_has_a_page(station: FixtureStation) -> None:
    station.record = person([])
    client = client_of(station)
    assert "No blood value is recorded yet." in page(client, TRENDS)
    data = client.get(f"/api/person/{CODE}/timeline").get_json()
    assert (data["density"]["means"], data["labs"], data["rows"], data["sheds"]) == ([], [], [], [])


def test_units_stand_as_they_are_printed(station: FixtureStation) -> None:
    station.record = course(RECOVERY, labs=(lab("tsh", 2.5, "m[IU]/L", day(0)), lab("egfr", 90, "mL/min/{1.73_m2}")))
    client = client_of(station)
    text = page(client, TRENDS)
    assert "2.5 mIU/L" in text
    assert "90 mL/min/1.73 m²" in text
    assert "[IU]" not in text
    tsh, _ = client.get(f"/api/person/{CODE}/timeline").get_json()["labs"]
    assert [(unit["ucum"], unit["words"]) for unit in tsh["units"]] == [("m[IU]/L", "mIU/L"), ("u[IU]/mL", "µIU/mL")]
    assert tsh["results"][0]["lines"][1] == "2.5 mIU/L"


def test_what_a_laboratory_printed_is_no_markup(station: FixtureStation) -> None:
    station.record = course(RECOVERY, labs=(dataclasses.replace(OPEN, text="<script>x</script>", comparator=""),))
    raw = client_of(station).get(TRENDS).get_data(as_text=True)
    assert "<script>x" not in raw
    assert "&lt;script&gt;x" in raw


def test_the_findings_are_json_too(client: FlaskClient) -> None:
    data = client.get(f"/api/person/{CODE}/trends").get_json()
    assert data["format"] == "station-trends/1"
    assert data["sentences"]


def test_the_disclaimer_stands_before_the_page() -> None:
    text = page(client_of(FixtureStation(acknowledged=False)), TRENDS)
    assert "What can be said now" not in text


@pytest.mark.req("REQ-25", "REQ-30")
def test_reminders_come_as_a_calendar_file(client: FlaskClient) -> None:
    answer = client.get(f"/person/{CODE}/reminders.ics")
    assert answer.mimetype == "text/calendar"
    events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert events
    assert all(isinstance(event.decoded("dtstart"), dt.date) for event in events)
    assert CODE.encode() not in answer.data
    assert client.get(f"/person/{CODE}/reminders.ics?detailed=yes").data != answer.data


def test_an_unknown_person_has_no_trends(client: FlaskClient) -> None:
    assert client.get("/api/person/NOBODY/trends").status_code == 404
    assert client.get("/person/NOBODY/reminders.ics").status_code == 404
