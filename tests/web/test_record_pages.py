"""The pages of the health record: overview, entries with their history, forms and their faults."""

from __future__ import annotations

import datetime as dt
import html
import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from station.entries import EventEntry, RegimenEntry
from station.labs.analytes import analyte
from tests.web.fixture_station import CODE, FixtureStation
from web import create_app
from web.forms import FORMS
from web.record_view import SHOWN

RECORD = f"/person/{CODE}/record"
HAIRCUT = {"kind": "haircut", "happened": "2026-02-03", "note": "short at the sides"}


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    return body(client.get(address), status)


def body(answer: TestResponse, status: int) -> str:
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text
    return html.unescape(text).replace("\u00a0", " ")


def led_to(answer: TestResponse) -> str:
    """Where htmx goes after a form was taken."""
    assert answer.status_code == 204, answer.get_data(as_text=True)
    return answer.headers["HX-Redirect"]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def field(text: str, name: str) -> str:
    """One field of a form with its fault and hint."""
    found = re.search(
        rf'(<(?:div|fieldset) class="field[^"]*" id="field-{name}".*?)(?=<(?:div|fieldset) class="field)', text, re.S
    )
    assert found is not None, name
    return found[1]


@pytest.mark.req("REQ-13", "REQ-20", "REQ-23")
def test_the_overview_has_every_kind_with_a_way_to_add(client: FlaskClient) -> None:
    text = page(client, RECORD)
    for form in FORMS:
        assert f'href="{RECORD}/{form.kind}/new"' in text
    assert text.count("Nothing is entered yet.") == len(FORMS)
    assert f'href="{RECORD}" aria-current="page"' in text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.kind)
def test_every_form_shows_all_its_fields_with_labels(client: FlaskClient, form: object) -> None:
    text = page(client, f"{RECORD}/{form.kind}/new")  # type: ignore[attr-defined]
    for each in form.fields:  # type: ignore[attr-defined]
        assert f'name="{each.name}"' in text
    labelled = set(re.findall(r'<label for="([^"]+)"', text))
    controls = re.findall(r'<(?:input|select|textarea) id="([^"]+)"([^>]*)', text)
    assert [name for name, rest in controls if name not in labelled and "aria-label" not in rest] == []
    assert f'hx-post="{RECORD}/{form.kind}/new"' in text  # type: ignore[attr-defined]


@pytest.mark.req("REQ-13")
def test_an_entry_that_is_taken_stands_in_the_overview(client: FlaskClient, station: FixtureStation) -> None:
    answer = client.post(f"{RECORD}/event/new", data=HAIRCUT | {"by": " Nurse A "})
    assert led_to(answer) == f"{RECORD}#event-1"
    text = page(client, RECORD)
    assert '<li id="event-1">' in text
    assert "Haircut 3 Feb 2026" in plain(text)
    assert station.health_record.told[-1]["by"] == "Nurse A"
    assert station.health_record.entries(CODE, "event")[0].entry == EventEntry(
        "haircut", dt.date(2026, 2, 3), "short at the sides"
    )


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(client: FlaskClient) -> None:
    sent = {"method": "comb-60s", "counted": "someday", "count": "12O", "comb": "fine <b>comb</b>", "note": "Größe 😀"}
    answer = client.post(f"{RECORD}/shed/new", data=sent)
    text = body(answer, 422)
    assert "<html" not in text
    assert 'value="someday"' in field(text, "counted")
    assert 'type="date"' not in field(text, "counted"), "a field for dates would hide what was typed"
    assert 'value="12O"' in field(text, "count")
    for name in ("counted", "count"):
        assert f'id="{name}-fault"' in field(text, name)
        assert 'aria-invalid="true"' in field(text, name)
        assert f'aria-describedby="{name}-fault' in field(text, name)
    assert 'id="comb-fault"' not in text
    assert '<option value="comb-60s" selected>' in text
    assert 'value="fine <b>comb</b>"' in text
    assert "&lt;b&gt;" in answer.get_data(as_text=True)
    assert "Größe 😀" in text
    assert re.findall(r'id="([a-z]+)"[^>]* autofocus', text) == ["counted"]
    assert page(client, RECORD).count("Nothing is entered yet.") == len(FORMS)


def test_an_odd_value_is_asked_about_and_taken_once_confirmed(client: FlaskClient, station: FixtureStation) -> None:
    sent = {"method": "daily", "counted": "2026-02-03", "count": "5000"}
    text = body(client.post(f"{RECORD}/shed/new", data=sent), 422)
    assert 'name="confirmed"' in text
    assert "confirm" in field(text, "count")
    assert 'name="confirmed"' not in page(client, f"{RECORD}/shed/new")
    led_to(client.post(f"{RECORD}/shed/new", data=sent | {"confirmed": "yes"}))
    (stored,) = station.health_record.entries(CODE, "shed")
    assert (stored.entry.count, stored.entry.review) == (5000, ())


B12 = {"analyte": "b12", "text": "<150", "unit": "pg/mL", "drawn": "2026-02-03", "reference": "180-914"}


@pytest.mark.req("REQ-13")
def test_a_laboratory_result_is_kept_as_printed(client: FlaskClient, station: FixtureStation) -> None:
    led_to(client.post(f"{RECORD}/lab/new", data=B12 | {"flags": ["biotin", "fasting"], "laboratory": "City lab"}))
    (stored,) = station.health_record.entries(CODE, "lab")
    assert (stored.entry.text, stored.entry.low, stored.entry.high) == ("<150", 0.0, 150.0)
    assert stored.entry.flags == ("biotin", "fasting")
    assert "Vitamin B12 (total) &lt;150 pg/mL" in client.get(RECORD).get_data(as_text=True)
    said = page(client, f"{RECORD}/lab/1")
    for words in ("<150", "180-914", "City lab", "biotin was taken, fasting", "3 Feb 2026"):
        assert words in said


@pytest.mark.req("REQ-13")
def test_the_units_are_those_of_the_analyte_and_none_is_chosen(client: FlaskClient) -> None:
    bare = field(page(client, f"{RECORD}/lab/new"), "unit")
    assert re.findall(r'<option value="([^"]*)"', bare) == [""]
    assert f'hx-get="{RECORD}/lab/new"' in page(client, f"{RECORD}/lab/new")
    mma = field(page(client, f"{RECORD}/lab/new?analyte=mma"), "unit")
    assert re.findall(r'<option value="([^"]*)"', mma) == ["", *(unit.ucum for unit in analyte("mma").units)]
    assert "µmol/L" in mma
    tsh = field(page(client, f"{RECORD}/lab/new?analyte=tsh"), "unit")
    assert re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', tsh)[1:] == [
        ("m[IU]/L", "mIU/L"),
        ("u[IU]/mL", "µIU/mL"),
    ]
    assert " selected" not in mma
    text = body(client.post(f"{RECORD}/lab/new", data=B12 | {"unit": ""}), 422)
    assert 'id="unit-fault"' in field(text, "unit")
    assert '<option value="b12" selected>' in text


@pytest.mark.req("REQ-13")
def test_a_wrong_unit_is_asked_about(client: FlaskClient, station: FixtureStation) -> None:
    sent = B12 | {"analyte": "mma", "text": "0.25", "unit": "nmol/L"}
    text = body(client.post(f"{RECORD}/lab/new", data=sent), 422)
    assert "0.25 nmol/L looks like a slip: 0.25 µmol/L would fit" in field(text, "unit")
    assert 'name="confirmed"' in text
    led_to(client.post(f"{RECORD}/lab/new", data=sent | {"unit": "umol/L"}))
    assert station.health_record.entries(CODE, "lab")[0].entry.unit == "umol/L"


@pytest.mark.req("REQ-13")
def test_a_result_that_cannot_be_read_is_kept_when_asked_and_marked(
    client: FlaskClient, station: FixtureStation
) -> None:
    text = body(client.post(f"{RECORD}/lab/new", data=B12 | {"text": "see letter"}), 422)
    assert 'name="keep"' in text
    assert 'name="keep"' not in body(client.post(f"{RECORD}/lab/new", data=B12 | {"text": ""}), 422)
    led_to(client.post(f"{RECORD}/lab/new", data=B12 | {"text": "see letter", "keep": "yes"}))
    (stored,) = station.health_record.entries(CODE, "lab")
    assert (stored.entry.text, bool(stored.entry.review)) == ("see letter", True)
    assert "Marked for review" in page(client, RECORD)
    assert "The result could not be read as a number." in page(client, f"{RECORD}/lab/1")


@pytest.mark.req("REQ-21a", "REQ-21b", "REQ-21c", "REQ-21d", "REQ-22", "REQ-37")
def test_a_protocol_only_fills_in_the_form(client: FlaskClient, station: FixtureStation) -> None:
    text = page(client, f"{RECORD}/regimen/new?template=loading-injections")
    assert "As your doctor prescribed it" in text
    assert '<option value="im" selected>' in field(text, "route")
    assert 'value="1000"' in field(text, "dose")
    assert '<option value="mcg" selected>' in field(text, "dose_unit")
    assert 'value="2026-03-01"' in field(text, "start")
    assert station.health_record.told == []
    assert " selected" not in field(page(client, f"{RECORD}/regimen/new?template=nothing"), "route")


def test_units_are_chosen_and_never_filled_in(client: FlaskClient) -> None:
    assert " selected" not in field(page(client, f"{RECORD}/regimen/new"), "dose_unit")
    sent = {
        "kind": "b12",
        "substance": "b12",
        "dose": "1000",
        "route": "oral",
        "schedule": "daily",
        "start": "2026-01-05",
    }
    text = body(client.post(f"{RECORD}/regimen/new", data=sent), 422)
    assert "A dose needs its unit" in field(text, "dose_unit")


@pytest.mark.req("REQ-23")
def test_a_substance_is_chosen_or_typed(client: FlaskClient, station: FixtureStation) -> None:
    sent = {"kind": "other-treatment", "route": "topical", "schedule": "daily", "start": "2026-01-05"}
    led_to(client.post(f"{RECORD}/regimen/new", data=sent | {"substance": ["", "Rosemary oil"]}))
    led_to(client.post(f"{RECORD}/regimen/new", data=sent | {"substance": ["minoxidil", ""]}))
    names = [stored.entry.substance for stored in station.health_record.entries(CODE, "regimen")]
    assert names == ["Rosemary oil", "minoxidil"]
    text = field(page(client, f"{RECORD}/regimen/1/edit"), "substance")
    assert 'value="Rosemary oil"' in text
    assert " selected" not in text
    both = body(client.post(f"{RECORD}/regimen/new", data=sent | {"substance": ["minoxidil", "Rosemary oil"]}), 422)
    assert 'id="substance-fault"' in both


@pytest.mark.req("REQ-04", "REQ-06a", "REQ-06b", "REQ-06c", "REQ-06d", "REQ-06e", "REQ-06f", "REQ-06g")
def test_the_questionnaire_keeps_several_answers_and_those_left_open(
    client: FlaskClient, station: FixtureStation
) -> None:
    sent = {"answered": "2026-02-03", "symptoms": ["numbness", "fatigue"], "metformin": "no", "ppi": "", "diet": ""}
    led_to(client.post(f"{RECORD}/answers/new", data=sent))
    (stored,) = station.health_record.entries(CODE, "answers")
    assert stored.entry.symptoms == ("fatigue", "numbness")
    assert (stored.entry.metformin, stored.entry.ppi, stored.entry.diet) == (False, None, "")
    text = page(client, f"{RECORD}/answers/1/edit")
    assert re.search(r'value="numbness" checked', field(text, "symptoms"))
    assert re.search(r'name="metformin" value="no" checked', text)
    assert re.search(r'name="ppi" value="" checked', text)


def test_a_dose_names_its_regimen(client: FlaskClient, station: FixtureStation) -> None:
    entry = RegimenEntry("b12", "b12", "", 1000.0, "mcg", "im", "monthly", dt.date(2026, 1, 5))
    station.health_record.put("regimen", entry)
    text = field(page(client, f"{RECORD}/dose/new"), "regimen")
    assert '<option value="1">Vitamin B12 1000 mcg Every month, 5 Jan 2026</option>' in text
    sent = {
        "given": "2026-02-05",
        "substance": "b12",
        "dose": "1000",
        "dose_unit": "mcg",
        "route": "im",
        "regimen": "1",
    }
    led_to(client.post(f"{RECORD}/dose/new", data=sent))
    assert "Vitamin B12 1000 mcg Every month, 5 Jan 2026" in page(client, f"{RECORD}/dose/1")


def test_a_correction_shows_who_when_before_and_after(client: FlaskClient) -> None:
    led_to(client.post(f"{RECORD}/event/new", data=HAIRCUT | {"by": "Ana"}))
    text = page(client, f"{RECORD}/event/1/edit")
    assert 'value="2026-02-03"' in text
    assert '<option value="haircut" selected>' in text
    answer = client.post(f"{RECORD}/event/1/edit", data=HAIRCUT | {"kind": "dye", "by": "Ben"})
    assert led_to(answer) == f"{RECORD}/event/1"
    said = plain(page(client, f"{RECORD}/event/1"))
    assert "What happened Hair dye" in said
    assert "1 Mar 2026, 09:02 UTC: entered by Ana" in said
    assert "corrected by Ben" in said
    assert "What happened Haircut Hair dye" in said
    assert said.index("corrected by Ben") < said.index("entered by Ana")


def test_a_refused_correction_changes_nothing(client: FlaskClient, station: FixtureStation) -> None:
    led_to(client.post(f"{RECORD}/event/new", data=HAIRCUT))
    text = body(client.post(f"{RECORD}/event/1/edit", data=HAIRCUT | {"happened": "2027-01-01"}), 422)
    assert f'hx-post="{RECORD}/event/1/edit"' in text
    assert 'id="happened-fault"' in text
    assert station.health_record.entries(CODE, "event")[0].entry.happened == dt.date(2026, 2, 3)


def test_an_entry_is_removed_in_two_steps(client: FlaskClient, station: FixtureStation) -> None:
    led_to(client.post(f"{RECORD}/event/new", data=HAIRCUT))
    text = page(client, f"{RECORD}/event/1")
    assert "<summary>Remove this entry</summary>" in text
    assert led_to(client.post(f"{RECORD}/event/1/remove")) == RECORD
    assert station.health_record.entries(CODE, "event") == ()
    page(client, f"{RECORD}/event/1", 404)


def test_entries_marked_for_review_are_labelled(client: FlaskClient, station: FixtureStation) -> None:
    station.health_record.put("event", EventEntry("other", dt.date(2026, 1, 2), "?", review=("review.odd",)))
    assert "Marked for review" in page(client, RECORD)
    assert "It is not used in any comparison until it is corrected." in page(client, f"{RECORD}/event/1")


def test_the_latest_entries_are_shown_and_all_when_asked_for(client: FlaskClient, station: FixtureStation) -> None:
    for day in range(SHOWN + 20):
        station.health_record.put("event", EventEntry("haircut", dt.date(2025, 1, 1) + dt.timedelta(days=day)))
    text = page(client, RECORD)
    assert text.count('<li id="event-') == SHOWN
    assert text.index("1 Feb 2025") < text.index("31 Jan 2025")
    more = re.search(r'href="([^"]+all=event)"', text)
    assert more is not None
    assert page(client, more[1]).count('<li id="event-') == SHOWN + 20
    answer = client.post(f"{RECORD}/event/new", data=HAIRCUT | {"happened": "2024-02-03"})
    assert led_to(answer) == f"{RECORD}?all=event#event-{SHOWN + 21}", "what was just entered is shown"


def test_a_note_of_a_megabyte_is_kept_and_a_longer_one_is_refused_at_its_field(
    client: FlaskClient, station: FixtureStation
) -> None:
    note = "ä" * 500_000
    led_to(client.post(f"{RECORD}/event/new", data=HAIRCUT | {"note": note}))
    assert station.health_record.entries(CODE, "event")[0].entry.note == note
    text = body(client.post(f"{RECORD}/event/new", data=HAIRCUT | {"note": note + "ä"}), 422)
    assert 'id="note-fault"' in text


@pytest.mark.parametrize("address", ["nothing/new", "acknowledged/new", "event/7", "event/7/edit", "event/x"])
def test_what_is_not_there(client: FlaskClient, address: str) -> None:
    page(client, f"{RECORD}/{address}", 404)


def test_nobody_elses_record_is_shown(client: FlaskClient) -> None:
    page(client, "/person/NOBODY/record", 404)
    assert client.post("/person/NOBODY/record/event/new", data=HAIRCUT).status_code == 404


@pytest.mark.parametrize("address", [f"{RECORD}/event/new", f"{RECORD}/event/1/edit", f"{RECORD}/event/1/remove"])
def test_other_sites_change_nothing(client: FlaskClient, station: FixtureStation, address: str) -> None:
    station.health_record.put("event", EventEntry("haircut", dt.date(2026, 2, 3)))
    answer = client.post(address, data=HAIRCUT, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert len(station.health_record.entries(CODE, "event")) == 1


def test_record_pages_speak_german() -> None:
    client = create_app(FixtureStation(), language="de").test_client()
    led_to(client.post(f"{RECORD}/event/new", data=HAIRCUT))
    assert "Haarschnitt 3. Feb. 2026" in plain(page(client, RECORD))
    text = page(client, f"{RECORD}/regimen/new?template=high-dose-oral")
    assert ">Jeden Tag</option>" in text
    assert urlsplit(f"{RECORD}/event/1").path in page(client, RECORD)


def test_tables_of_words_name_what_exists() -> None:
    """Each label belongs to a field, and each choice is one that the intake takes."""
    from station import entries
    from station.intake import answers, hairline, profile, shed, skip
    from station.labs.regimens import INJECTED
    from web.record_text import RECORD as TEXT

    known = {f"{form.kind}.{each.name}" for form in FORMS for each in form.fields}
    assert set(TEXT.labels) == known
    assert set(TEXT.hints) <= known
    assert set(TEXT.kinds) == {form.kind for form in FORMS}
    words = {
        "lab-flag": entries.LabFlag,
        "regimen-kind": entries.RegimenKind,
        "route": entries.Route,
        "injection": INJECTED,
        "event-kind": entries.EventKind,
        "shed-method": entries.ShedMethod,
        "counted-by": shed.COUNTED_BY,
        "diet": answers.DIETS,
        "thinning": answers.THINNING,
        "onset": answers.ONSETS,
        "quality": answers.QUALITIES,
        "symptom": answers.SYMPTOMS,
        "sex": profile.SEXES,
        "bridge": hairline.BRIDGES,
        "step": skip.STEPS,
    }
    expected = {f"{name}.{value}" for name, values in words.items() for value in values}
    assert set(TEXT.choices) == expected
