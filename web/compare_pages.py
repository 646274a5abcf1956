"""Two visits of a site compared: the page, its pictures, and the same as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.wrappers import Response as Answer

from station.errors import NotFoundError, UsageError
from station.service.comparison_view import CLASSES, ComparisonView, payload
from station.service.views import PersonView, VisitView
from web import acknowledge, api, site_view
from web.frame import frame
from web.language import INTERPRETATION, language
from web.port import the_station
from web.text import TEXT

blueprint = Blueprint("compare", __name__)
KINDS = ("hairs", "fu")


@blueprint.get("/person/<code>/compare")
def page(code: str) -> Answer:
    """`site`, `a` and `b` (numbers of visits) choose; without them the first site that two visits show, and of it the
    baseline and the latest one."""
    first = acknowledge.first()
    if first is not None:
        return first
    person = the_station().person(code)
    site, visits = _site(person)
    if len(visits) < 2:
        shown = render_template("compare_none.html", **frame(person), sites=_sites(person), site=site)
        return Response(shown)
    a, b = _number("a", visits[0].number), _number("b", visits[-1].number)
    view = the_station().comparison(person.code, site, a, b)
    bar = site_view.scale_bar(view.before.px_per_mm, view.before.width_px) if view.before else None
    shown = render_template(
        "compare.html",
        **frame(person),
        view=view,
        site=site,
        sites=_sites(person),
        visits=visits,
        a=a,
        b=b,
        classes=CLASSES,
        scale_bar=bar,
        photo_width=site_view.PHOTO_WIDTH,
    )
    return Response(shown)


@blueprint.get("/api/person/<code>/compare")
def data(code: str) -> Response:
    """The comparison of the visits `a` and `b` at `site`, see `station.service.comparison_view.payload`."""
    return jsonify(payload(_asked(code), language=language(), interpretation=current_app.config[INTERPRETATION]))


@blueprint.get("/person/<code>/compare/after.jpg")
def after(code: str) -> Response:
    """The later photograph, warped to lie on the earlier one; `w`: at most so many pixels wide."""
    site, a, b = _choice()
    return Response(the_station().comparison_photo(code, site, a, b, api.width_asked()), mimetype="image/jpeg")


@blueprint.get("/person/<code>/compare/map-<kind>.png")
def change_map(code: str, kind: str) -> Response:
    """The map of change, transparent where it is not known. kind: "hairs" or "fu"."""
    if kind not in KINDS:
        raise NotFoundError(f"no map of {kind[:20]!r}", person=TEXT.error_not_found)
    site, a, b = _choice()
    return Response(the_station().comparison_map(code, site, a, b, kind), mimetype="image/png")


def _asked(code: str) -> ComparisonView:
    site, a, b = _choice()
    return the_station().comparison(code, site, a, b)


def _choice() -> tuple[str, int, int]:
    return request.args.get("site", ""), _number("a", 1), _number("b", 2)


def _number(name: str, default: int) -> int:
    stated = request.args.get(name)
    if stated is None or stated == "":
        return default
    if not (stated.isascii() and stated.isdigit() and len(stated) <= 6):
        raise UsageError(f"{name}={stated[:20]!r} is not a whole number", person=TEXT.error_visit)
    return int(stated)


def _sites(person: PersonView) -> list[tuple[str, str]]:
    """Ids and names of all sites that any visit has, in the protocol's order."""
    found = {site.site: TEXT.sites.get(site.site, site.name) for visit in person.course.visits for site in visit.sites}
    return list(found.items())


def _site(person: PersonView) -> tuple[str, list[VisitView]]:
    """The site that is asked for, or the first one that two visits show; with the visits that show it."""
    shown = {
        site: [visit for visit in person.course.visits if _photographed(visit, site)] for site, _ in _sites(person)
    }
    wanted = request.args.get("site")
    if wanted:
        if wanted not in shown:
            raise NotFoundError(f"no site {wanted[:40]!r}", person=TEXT.site_not_there.format(site=wanted[:40]))
        return wanted, shown[wanted]
    return next(((site, of) for site, of in shown.items() if len(of) > 1), ("", []))


def _photographed(visit: VisitView, site: str) -> bool:
    view = visit.site(site)
    return view is not None and view.frames_done > 0
