"""The start page and the About page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from station.errors import NotFoundError
from station.trends.education import disclaimer
from web import markdown
from web.language import said
from web.port import the_station
from web.text import TEXT

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> Response | str | tuple[str, int]:
    """To the demonstration person, or a page where a code is typed. Nobody is listed; a code is right or wrong."""
    typed = request.args.get("code")
    if typed is None:
        demo = the_station().demo_code()
        if demo is not None:
            return redirect(url_for("person.overview_page", code=demo))
        return render_template("start.html", typed="", error="")
    code = typed.strip()
    if not code:
        return render_template("start.html", typed="", error=TEXT.start_empty), 400
    try:
        person = the_station().person(code)
    except NotFoundError:
        return render_template("start.html", typed=code[:64], error=TEXT.start_unknown), 404
    return redirect(url_for("person.overview_page", code=person.code), 303)


@blueprint.get("/about")
def about() -> str:
    """Software, model, engine, model card and disclaimer."""
    view = the_station().about()
    return render_template(
        "about.html",
        about=view,
        disclaimer=said(disclaimer()),
        card=markdown.render(view.model_card_markdown),
        demonstration=the_station().demo_code() is not None,
        rig_note=view.rig_note,
    )
