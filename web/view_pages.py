"""The page of the global views: pictures of the whole head, whose face is blanked before they leave the browser.

The picture comes as the bare body of the request, so that no part of it is ever put aside in a file on its way.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for

from station.errors import NotFoundError, UsageError
from station.service.session_views import SessionView
from web import visit_view
from web.port import the_station
from web.session_text import SESSION
from web.text import TEXT

blueprint = Blueprint("views", __name__, url_prefix="/session/<token>/views")


@blueprint.get("")
def page(token: str) -> str:
    """The views of the visit, with what is stored."""
    view = _open(token)
    found = the_station().views.of_visit(view.code)
    return render_template("visit_views.html", view=view, found=found, words=visit_view)


@blueprint.post("/<name>")
def store(token: str, name: str) -> Response:
    """Mask and store a picture. `line`: where the brows are, as a share of the height."""
    view = _open(token)
    the_station().views.store(view.code, name, request.get_data(cache=False), _line())
    return make_response("", 204, {"HX-Redirect": url_for("views.page", token=token)})


@blueprint.get("/<int:number>.jpg")
def picture(token: str, number: int) -> Response:
    """A stored picture."""
    return Response(the_station().views.picture(_open(token).code, number), mimetype="image/jpeg")


@blueprint.post("/<int:number>/remove")
def remove(token: str, number: int) -> Response:
    """Delete a picture."""
    the_station().views.remove(_open(token).code, number)
    return make_response("", 204, {"HX-Redirect": url_for("views.page", token=token)})


def _open(token: str) -> SessionView:
    """The visit, while it is open and its person is confirmed. Raises NotFoundError for any other."""
    view = the_station().sessions.view(token)
    if view.step not in ("sites", "review"):
        raise NotFoundError(f"the visit is at {view.step}", person=SESSION.over_title)
    return view


def _line() -> float | None:
    stated = request.args.get("line", "")
    if not stated:
        return None
    try:
        return float(stated)
    except ValueError:
        raise UsageError(f"line={stated[:20]!r} is not a number", person=TEXT.error_request) from None
