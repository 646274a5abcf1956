"""The disclaimer stands before a person's pages until it is acknowledged; that it was is logged (REQ-41)."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from station.trends.education import DISCLAIMER_VERSION, disclaimer
from web.frame import frame
from web.language import own_path, said
from web.port import the_station

KIND = "acknowledged"

blueprint = Blueprint("acknowledge", __name__, url_prefix="/person/<code>/acknowledge")


def first(*_arguments: object) -> Response | None:
    """Before a page of a person: the disclaimer in its place, until this wording of it is acknowledged."""
    code = str((request.view_args or {})["code"])
    health = the_station().health_record
    if any(getattr(stored.entry, "wording", "") == DISCLAIMER_VERSION for stored in health.entries(code, KIND)):
        return None
    if request.headers.get("HX-Request") == "true":
        return make_response("", 204, {"HX-Redirect": url_for("person.overview_page", code=code)})
    back = request.full_path if request.method == "GET" else url_for("person.overview_page", code=code)
    page = {**frame(the_station().person(code)), "sentences": said(disclaimer()), "back": back}
    return make_response(render_template("disclaimer.html", **page))


@blueprint.post("")
def acknowledge(code: str) -> Response:
    """Log that the disclaimer was read, and go on to the page `back`."""
    health = the_station().health_record
    health.add(code, KIND, {"acknowledged": health.today().isoformat(), "wording": DISCLAIMER_VERSION})
    return make_response("", 204, {"HX-Redirect": own_path(request.form.get("back", "/"))})
