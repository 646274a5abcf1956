"""The page on repeatability, of the whole station and of a person, and the same as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template
from werkzeug.wrappers import Response as Answer

from station.service.repeatability_view import payload
from web import acknowledge
from web.frame import frame
from web.language import language
from web.port import the_station

blueprint = Blueprint("repeatability", __name__)


@blueprint.get("/repeatability")
def station_page() -> str:
    """Of the whole station; nobody is named."""
    return render_template(
        "repeatability.html", view=the_station().repeatability(), demonstration=the_station().demo_code() is not None
    )


@blueprint.get("/person/<code>/repeatability")
def person_page(code: str) -> Answer:
    """Of one person. Who has not read the disclaimer reads it first."""
    first = acknowledge.first()
    if first is not None:
        return first
    person = the_station().person(code)
    shown = render_template("repeatability.html", view=the_station().repeatability(person.code), **frame(person))
    return Response(shown)


@blueprint.get("/api/repeatability")
def station_data() -> Response:
    """See `station.service.repeatability_view.payload`."""
    return jsonify(payload(the_station().repeatability(), language=language()))


@blueprint.get("/api/person/<code>/repeatability")
def person_data(code: str) -> Response:
    """The same of one person."""
    return jsonify(payload(the_station().repeatability(the_station().person(code).code), language=language()))
