"""The page of trends: what can be said now, the chart with blood values, and the findings behind it; the same as JSON,
and the reminders as a calendar file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.wrappers import Response as Answer

from web import acknowledge, timeline, vocabulary
from web.frame import frame
from web.language import INTERPRETATION, language
from web.port import the_station

blueprint = Blueprint("trends", __name__)


@blueprint.get("/person/<code>/trends")
def page(code: str) -> Answer:
    """All findings. A person who has not read the disclaimer reads it first."""
    first = acknowledge.first()
    if first is not None:
        return first
    person = the_station().person(code)
    found = _data(code)
    shown = render_template("trends.html", **frame(person), d=found, claim=_claim_state(found), words=vocabulary.words)
    return Response(shown)


@blueprint.get("/api/person/<code>/trends")
def data(code: str) -> Response:
    """All findings as JSON, see `station.service.trends`."""
    return jsonify(_data(code))


@blueprint.get("/api/person/<code>/timeline")
def chart(code: str) -> Response:
    """What the chart draws, see `web.timeline.payload`."""
    return jsonify(timeline.payload(_data(code)))


@blueprint.get("/person/<code>/reminders.ics")
def calendar(code: str) -> Response:
    """The reminders as iCalendar; `detailed`: with titles that name tests and substances."""
    feed = the_station().calendar(
        code,
        detailed=request.args.get("detailed") == "yes",
        language=language(),
        interpretation=current_app.config[INTERPRETATION],
    )
    headers = {"Content-Disposition": 'attachment; filename="reminders.ics"'}
    return Response(feed, mimetype="text/calendar", headers=headers)


def _data(code: str) -> dict[str, Any]:
    found = the_station().findings(code)
    return found.data(language=language(), interpretation=current_app.config[INTERPRETATION])


def _claim_state(found: dict[str, Any]) -> str:
    """The mark beside the headline, as on the overview."""
    claim = found["ladder"]["claim"]
    if claim is None:
        return "not-enough"
    return "within" if claim["state"] == "within" else "changed"
