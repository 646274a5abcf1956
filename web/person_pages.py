"""The pages of one person: the overview, a visit, a site."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from station.errors import NotFoundError, UsageError
from station.service.views import PersonView
from web import acknowledge, headchart, overview, site_view
from web.frame import frame
from web.port import the_station
from web.text import TEXT

blueprint = Blueprint("person", __name__, url_prefix="/person/<code>")
blueprint.before_request(acknowledge.first)

COURSE_CHANGED = ("HX-Trigger-After-Settle", "course-changed")
"""Header by which htmx tells the chart to read the course again."""

STOP_POLLING = 286
"""Status by which htmx is told to stop asking."""


@blueprint.get("")
def overview_page(code: str) -> Response:
    """The first page: headline, course, timeline, head chart; `visit` chooses the visit on the head chart."""
    person, view = _overview(code)
    response = make_response(render_template("person.html", view=view, **frame(person)))
    if request.headers.get("HX-Request") == "true":
        response.headers[COURSE_CHANGED[0]] = COURSE_CHANGED[1]
    return response


@blueprint.get("/live")
def live(code: str) -> Response:
    """The parts of the overview that change while photographs are being measured.

    `seen`: the token of the numbers that the page shows. While they are the same only the progress bar is sent.
    """
    person, view = _overview(code)
    changed = request.args.get("seen") != view.token
    response = make_response(render_template("live.html", changed=changed, view=view, **frame(person)))
    if changed:
        response.headers[COURSE_CHANGED[0]] = COURSE_CHANGED[1]
    if not view.progress.running:
        response.status_code = STOP_POLLING
    return response


@blueprint.get("/visit/<int:number>")
def visit_page(code: str, number: int) -> str:
    """One visit: its sites on the head chart and in a table."""
    person = the_station().person(code)
    visit = the_station().visit(code, number)
    visits = person.course.visits
    return render_template(
        "visit.html",
        **frame(person),
        visit=visit,
        head=headchart.head_chart(visit, headchart.scale_max(visits)),
        previous=next((v for v in reversed(visits) if v.number < number), None),
        following=next((v for v in visits if v.number > number), None),
    )


@blueprint.get("/visit/<int:number>/site/<site>")
def site_page(code: str, number: int, site: str) -> str:
    """One site of one visit: the photograph, its density map, the numbers. `frame` chooses the photograph."""
    person = the_station().person(code)
    visit = the_station().visit(code, number)
    view = visit.site(site)
    if view is None:
        sentence = TEXT.site_not_there.format(site=site[:40])
        raise NotFoundError(f"visit {number} has no site {site[:40]!r}", person=sentence)
    page = site_view.site_page(
        person, visit, view, the_station().captures(code, number, site), _whole_number("frame", TEXT.error_request)
    )
    return render_template("site.html", **frame(person), visit=visit, page=page, photo_width=site_view.PHOTO_WIDTH)


def _overview(code: str) -> tuple[PersonView, overview.Overview]:
    person = the_station().person(code)
    wanted = _whole_number("visit", TEXT.error_visit)
    return person, overview.overview(person, the_station().progress(), wanted)


def _whole_number(name: str, sentence: str) -> int | None:
    stated = request.args.get(name)
    if stated is None or stated == "":
        return None
    if not (stated.isascii() and stated.isdigit() and len(stated) <= 6):
        raise UsageError(f"{name}={stated[:20]!r} is not a whole number", person=sentence)
    return int(stated)
