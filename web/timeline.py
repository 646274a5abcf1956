"""What the chart of trends draws: the findings with the words of the reader's language beside each point."""

from __future__ import annotations

from typing import Any

from station.labs.analytes import analyte
from station.labs.units import printed_unit
from web import vocabulary
from web.formats import decimal, iso_date, number
from web.text import TEXT
from web.trends_text import TRENDS


def payload(found: dict[str, Any]) -> dict[str, Any]:
    """Densities, blood values with their units and bands, what was taken, and shed counts. `lines` of a point are what
    is shown when it is touched; `rows` are the lines of the panel of what was taken, in order."""
    timeline = {
        "regimens": [_regimen(each) for each in found["timeline"]["regimens"]],
        "doses": [_dose(each) for each in found["timeline"]["doses"]],
        "events": [_event(each) for each in found["timeline"]["events"]],
    }
    rows = dict.fromkeys(each["label"] for kind in ("regimens", "doses", "events") for each in timeline[kind])
    return {
        "as_of": found["as_of"],
        "density": {
            "means": [_mean(each) for each in found["density"]["means"]],
            "smooth": found["density"]["smooth"],
        },
        "claim": found["ladder"]["claim"],
        "expected": found["phase"]["band"] if found["interpretation"] else [],
        "labs": [_analyte(each) for each in found["labs"]],
        "timeline": timeline,
        "rows": list(rows),
        "sheds": [_shed(each) for each in found["sheds"]],
    }


def _mean(mean: dict[str, Any]) -> dict[str, Any]:
    hairs = mean["hairs"]
    spread = f"{number(hairs['value'])} ({number(hairs['low'])}–{number(hairs['high'])}) {TEXT.hairs_unit}"
    title = TEXT.visit_of.format(number=mean["visit"], date=iso_date(mean["date"]))
    return {**mean, "lines": [title, spread]}


def _analyte(view: dict[str, Any]) -> dict[str, Any]:
    known = analyte(view["analyte"])
    return {
        "analyte": view["analyte"],
        "name": vocabulary.words("analyte", known.id),
        "units": [{"ucum": unit.ucum, "words": printed_unit(unit.ucum), "factor": unit.factor} for unit in known.units],
        "bands": [{**band, "title": TRENDS.bands.get(band["label"], band["label"])} for band in view["bands"]],
        "set": view["title"],
        "results": [
            {
                "drawn": result["drawn"],
                "number": result["number"],
                "comparator": result["comparator"],
                "lines": [iso_date(result["drawn"]), f"{result['text']} {printed_unit(result['unit'])}"]
                + [each["text"] for each in result["sentences"]],
            }
            for result in view["results"]
        ],
    }


def _regimen(entry: dict[str, Any]) -> dict[str, Any]:
    label = vocabulary.words("substance", entry["substance"])
    until = iso_date(entry["end"]) if entry["end"] else "…"
    dose = _amount(entry)
    schedule = vocabulary.words("schedule", entry["schedule"])
    lines = [label, " · ".join(part for part in (dose, schedule) if part), f"{iso_date(entry['start'])} – {until}"]
    return {"start": entry["start"], "end": entry["end"], "label": label, "lines": [line for line in lines if line]}


def _dose(entry: dict[str, Any]) -> dict[str, Any]:
    label = vocabulary.words("substance", entry["substance"])
    lines = [label, _amount(entry), iso_date(entry["given"])]
    return {"given": entry["given"], "label": label, "lines": [line for line in lines if line]}


def _event(entry: dict[str, Any]) -> dict[str, Any]:
    label = vocabulary.words("event-kind", entry["kind"])
    return {"happened": entry["happened"], "label": label, "lines": [label, iso_date(entry["happened"])]}


def _amount(entry: dict[str, Any]) -> str:
    if entry["dose"] is None:
        return ""
    return f"{decimal(entry['dose'], 0 if entry['dose'] == int(entry['dose']) else 2)} {entry['dose_unit']}"


def _shed(series: dict[str, Any]) -> dict[str, Any]:
    label = vocabulary.words("shed-method", series["method"])
    rounds = [
        {
            "first": each["first"],
            "counts": each["counts"],
            "lines": [label, iso_date(each["first"]), ", ".join(str(count) for count in each["counts"])],
        }
        for each in series["rounds"]
    ]
    return {"label": label, "rounds": rounds}
