"""The help pages: education, guides, questions and answers, each with its sources (REQ-02, 04, 24, 40, 42)."""

from __future__ import annotations

from flask import Blueprint, render_template

from station.errors import NotFoundError
from station.trends import education
from web.language import said
from web.text import TEXT

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("")
def contents() -> str:
    """The titles of all help pages."""
    titles = [(page.id, *said((page.title,))) for page in education.pages()]
    return render_template("help.html", titles=titles)


@blueprint.get("/<page_id>")
def page(page_id: str) -> str:
    """One help page. Raises NotFoundError."""
    for each in education.pages():
        if each.id == page_id:
            (title,) = said((each.title,))
            return render_template(
                "help_page.html",
                title=title,
                paragraphs=said(each.paragraphs),
                sources=said(each.sources),
                disputed="".join(said((each.disputed,) if each.disputed is not None else ())),
            )
    raise NotFoundError(f"there is no help page {page_id[:40]!r}", person=TEXT.error_not_found)
