"""The pages of a visit and of a quick look: the person, the questions, the sites, the review, the end.

Every step is a form that is sent by htmx and answered with the next part of the page. What was refused comes back as
the same part with a sentence, under status 422.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from station.errors import CameraError, NotFoundError, RefusedEntryError, StationError, UncountableError, UsageError
from station.service.session_views import SessionView, landmark_texts
from station.trends.sentences import say
from web import visit_view
from web.language import language
from web.port import the_station
from web.session_port import SitesPort
from web.session_text import SESSION
from web.text import TEXT
from web.visit_view import QUICK_KIND, SESSION_KIND, VisitPage, visit_page

REFUSED = 422
PART = "/<any(session, quick):kind>/<token>"
MOST_PX = 2000

blueprint = Blueprint("session", __name__)


@blueprint.get("/session")
def start() -> str:
    """Where a visit or a quick look begins. Nobody is listed."""
    return render_template("visit_start.html", typed="", trouble="", asks=False, new=False)


@blueprint.post("/session")
def begin() -> Response:
    """Begin: with the code that was typed, as somebody new, or a quick look."""
    if request.form.get("quick"):
        return _begun(QUICK_KIND, lambda: the_station().quick.begin())
    typed, new = request.form.get("code", "").strip()[:64], bool(request.form.get("new"))
    if not typed and not new:
        return _refused_start(TEXT.start_empty, "", asks=False, new=False)
    over = bool(request.form.get("take_over"))
    return _begun(
        SESSION_KIND, lambda: the_station().sessions.begin(None if new else typed, take_over=over), typed, new
    )


@blueprint.get(PART)
def page(kind: str, token: str) -> str | Response:
    """The page of a visit at the step where it stands."""
    try:
        view = _desk(kind).view(token)
    except StationError as error:
        return make_response(render_template("visit_over.html", sentence=_told(error)), 404)
    return render_template("visit_page.html", **_content(visit_page(kind, view)))


@blueprint.get(f"{PART}/part")
def part(kind: str, token: str) -> Response:
    """The part that changes, while photographs are counted."""
    return _answer(kind, token, lambda: _desk(kind).view(token))


@blueprint.post("/session/<token>/confirm")
def confirm(token: str) -> Response:
    """The person is who the code belongs to."""
    return _answer(SESSION_KIND, token, lambda: the_station().sessions.confirm(token))


@blueprint.post("/session/<token>/prepare")
def prepare(token: str) -> Response:
    """The answers to the questions."""
    given = {name: value for name, value in request.form.items() if value and name != "confirmed"}
    try:
        view = the_station().sessions.prepare(token, given, confirmed=request.form.get("confirmed") == "yes")
    except RefusedEntryError as refused:
        told = getattr(refused, "sentences", {})
        faults = {name: told[name].text(language()) if name in told else text for name, text in refused.fields.items()}
        shown = visit_page(SESSION_KIND, the_station().sessions.view(token))
        asks = bool(refused.odd) and set(refused.odd) == set(refused.fields)
        return _part(replace(shown, faults=faults, asks=asks, typed=given), REFUSED)
    except StationError as error:
        return _trouble(SESSION_KIND, token, error)
    return _part(visit_page(SESSION_KIND, view))


@blueprint.post(f"{PART}/capture")
def capture(kind: str, token: str) -> Response:
    """Take a photograph. `seen`, `site`: how many of which site the page knows of."""
    seen = request.form.get("seen", "")
    known = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 4 else None
    return _answer(kind, token, lambda: _desk(kind).capture(token, seen=known, site=request.form.get("site") or None))


@blueprint.post(f"{PART}/reject/<int:number>")
def reject(kind: str, token: str, number: int) -> Response:
    """Take a photograph again."""
    return _answer(kind, token, lambda: _desk(kind).reject(token, number))


@blueprint.post("/session/<token>/vouch/<int:number>")
def vouch(token: str, number: int) -> Response:
    """A photograph that looks like another place is right."""
    return _answer(SESSION_KIND, token, lambda: the_station().sessions.vouch(token, number))


@blueprint.post(f"{PART}/skip/<site>")
def skip(kind: str, token: str, site: str) -> Response:
    """Leave a site out."""
    reason = request.form.get("reason", "other")
    if reason not in visit_view.SKIP_REASONS:
        raise UsageError(f"no reason {reason[:20]!r}", person=TEXT.error_request)
    return _answer(kind, token, lambda: _desk(kind).skip(token, site, reason))


@blueprint.post(f"{PART}/undo/<site>")
def undo(kind: str, token: str, site: str) -> Response:
    """Begin a site anew."""
    return _answer(kind, token, lambda: _desk(kind).undo(token, site))


@blueprint.post(f"{PART}/choose/<site>")
def choose(kind: str, token: str, site: str) -> Response:
    """Put a site under the camera."""
    return _answer(kind, token, lambda: _desk(kind).choose(token, site))


@blueprint.post("/session/<token>/measure/<site>")
def measure(token: str, site: str) -> Response:
    """Keep the person's own distance of a site."""
    try:
        cm = float(request.form.get("cm", "").strip().replace(",", "."))
    except ValueError:
        shown = visit_page(SESSION_KIND, the_station().sessions.view(token), SESSION.site_measure_bad)
        return _part(shown, REFUSED)
    return _answer(SESSION_KIND, token, lambda: the_station().sessions.measure(token, site, cm))


@blueprint.post(f"{PART}/review")
def review(kind: str, token: str) -> Response:
    """Look through what was taken."""
    return _answer(kind, token, lambda: _desk(kind).review(token))


@blueprint.post("/session/<token>/finish")
def finish(token: str) -> Response:
    """The visit is complete."""
    return _answer(SESSION_KIND, token, lambda: the_station().sessions.finish(token))


@blueprint.post("/session/<token>/leave")
def leave(token: str) -> Response:
    """End the visit before it is complete."""
    reason = request.form.get("reason", "ended")
    if reason not in visit_view.LEAVE_REASONS:
        raise UsageError(f"no reason {reason[:20]!r}", person=TEXT.error_request)
    return _answer(SESSION_KIND, token, lambda: the_station().sessions.leave(token, reason))


@blueprint.post("/quick/<token>/leave")
def end_quick(token: str) -> Response:
    """Forget everything of the quick look. A page of an earlier one ends nothing."""
    try:
        the_station().quick.view(token)
        the_station().quick.end()
    except StationError as error:
        return make_response(render_template("_visit_over.html", sentence=_told(error)))
    return make_response(render_template("_visit_over.html", sentence=SESSION.result_gone))


@blueprint.get("/quick/<token>/photo/<int:number>.jpg")
def quick_photo(token: str, number: int) -> Response:
    """A photograph of the quick look."""
    width = request.args.get("w", "320")
    pixels = min(int(width), MOST_PX) if width.isascii() and width.isdigit() and len(width) < 6 else 320
    return Response(the_station().quick.photo(token, number, max(16, pixels)), mimetype="image/jpeg")


@blueprint.post("/quick/<token>/result")
def result(token: str) -> Response:
    """What the quick look tells, with the hairline where it was marked."""
    given = {name: request.form.get(name, "").strip() for name in ("mid_mm", "left_mm", "right_mm")}
    marked = {name: text for name, text in given.items() if text}
    sex = request.form.get("sex", "")
    faults: dict[str, str] = {}
    found = None
    try:
        found = the_station().quick.result(
            token, marked, request.form.get("bridge", "") if marked else "", sex if sex in ("male", "female") else ""
        )
    except RefusedEntryError as refused:
        faults = dict(refused.fields)
        found = the_station().quick.result(token, {}, "", "")
    except UncountableError as error:
        return _trouble(QUICK_KIND, token, error)
    except StationError as error:
        return _trouble(QUICK_KIND, token, error)
    view = the_station().quick.view(token)
    content = _content(visit_page(QUICK_KIND, view))
    return make_response(
        render_template("_visit_result.html", **content, found=found, given=given, faults=faults, sex=sex)
    )


def _desk(kind: str) -> SitesPort:
    station = the_station()
    return station.quick if kind == QUICK_KIND else station.sessions


def _begun(kind: str, begin_it: Callable[[], SessionView], typed: str = "", new: bool = False) -> Response:
    try:
        view = begin_it()
    except NotFoundError:
        return _refused_start(TEXT.start_unknown, typed, asks=False, new=False)
    except StationError as error:
        asks = getattr(error, "what", "") == "other-open" and kind == SESSION_KIND
        return _refused_start(_told(error), typed, asks=asks, new=new)
    return make_response("", 204, {"HX-Redirect": url_for("session.page", kind=kind, token=view.token)})


def _refused_start(trouble: str, typed: str, *, asks: bool, new: bool) -> Response:
    return make_response(
        render_template("_visit_start.html", typed=typed, trouble=trouble, asks=asks, new=new), REFUSED
    )


def _answer(kind: str, token: str, act: Callable[[], SessionView]) -> Response:
    """The part after a step, or the same part with the sentence that says why the step was not taken."""
    try:
        view = act()
    except StationError as error:
        return _trouble(kind, token, error)
    return _part(visit_page(kind, view))


def _trouble(kind: str, token: str, error: StationError) -> Response:
    try:
        view = _desk(kind).view(token)
    except StationError:
        return make_response(render_template("_visit_over.html", sentence=_told(error)))
    if view.step in ("done", "left"):
        return make_response(render_template("_visit_over.html", sentence=_told(error)))
    return _part(visit_page(kind, view, _told(error)), REFUSED)


def _told(error: StationError) -> str:
    if isinstance(error, CameraError):
        return say("session.camera-off", reason=error.operator).text(language())
    return error.told(language())


def _part(shown: VisitPage, status: int = 200) -> Response:
    return make_response(render_template("_visit.html", **_content(shown)), status)


def _content(shown: VisitPage) -> dict[str, object]:
    """What the templates see. Whatever the page shows is under the camera from now on."""
    _desk(shown.kind).attend(shown.view)
    return {
        "live": the_station().live,
        "page": shown,
        "view": shown.view,
        "kind": shown.kind,
        "landmarks": landmark_texts(shown.view.protocol),
        "words": visit_view,
    }


@blueprint.get("/quick")
def quick_start() -> AnyResponse:
    """The quick look begins on the same page as a visit."""
    return redirect(url_for("session.start"))
