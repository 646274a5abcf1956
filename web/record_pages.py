"""The pages of a person's health record: the overview by kind, one entry with its history, and the forms.

Forms are sent by htmx. One that is refused comes back with its faults and status 422; one that is taken leads on by
`HX-Redirect`.
"""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from station.errors import NotFoundError, RefusedEntryError
from station.labs import regimens
from station.service.views import PersonView
from web import acknowledge, entry_form, record_view, vocabulary
from web.entry_form import FormView, Values
from web.forms import ANALYTE, Form, form_of
from web.frame import frame
from web.port import HealthPort, StoredEntry, the_station
from web.text import TEXT

LONGEST_NAME = 60
REFUSED = 422
"""Status of a form with faults; the pages tell htmx to show it."""

blueprint = Blueprint("record", __name__, url_prefix="/person/<code>/record")
blueprint.before_request(acknowledge.first)


@blueprint.get("")
def overview(code: str) -> str:
    """Everything on record, by kind. `all` names a kind of which every entry is shown."""
    person = the_station().person(code)
    sections = record_view.sections(_health(), code, request.args.get("all", ""))
    return render_template("record.html", **frame(person), sections=sections)


@blueprint.get("/<kind>/new")
def new(code: str, kind: str) -> str:
    """An empty form; `template` fills it in from a protocol, `analyte` chooses what was measured."""
    person, form = _place(code, kind)
    values = _template(request.args.get("template", "")) if kind == "regimen" else {}
    if form.field(ANALYTE) is not None:
        values = {ANALYTE: request.args.getlist(ANALYTE)}
    return render_template("entry_form.html", **_form_page(person, form, _view(code, form, values)))


@blueprint.post("/<kind>/new")
def add(code: str, kind: str) -> Response:
    """Enter something."""
    person, form = _place(code, kind)
    try:
        entry_id = _health().add(
            code,
            kind,
            entry_form.sent(form, request.form),
            by=_by(),
            confirmed=_ticked("confirmed"),
            keep=_ticked("keep"),
        )
    except RefusedEntryError as refused:
        return _refusal(person, form, refused)
    everything = kind if record_view.folded(_health(), code, form, entry_id) else None
    return _lead_to(url_for("record.overview", code=code, all=everything, _anchor=f"{kind}-{entry_id}"))


@blueprint.get("/<kind>/<int:entry_id>")
def entry(code: str, kind: str, entry_id: int) -> str:
    """One entry: what was entered, and what happened to it."""
    person, form = _place(code, kind)
    stored = _health().entry(code, kind, entry_id)
    named = record_view.references(_health(), code, form)
    return render_template(
        "entry.html",
        **frame(person),
        form=form,
        stored=stored,
        review=record_view.review(stored.entry),
        facts=record_view.facts(form, stored.entry, named),
        steps=record_view.steps(form, _health().history(code, kind, entry_id), named),
    )


@blueprint.get("/<kind>/<int:entry_id>/edit")
def edit(code: str, kind: str, entry_id: int) -> str:
    """The form with what stands in an entry."""
    person, form = _place(code, kind)
    stored = _health().entry(code, kind, entry_id)
    view = _view(code, form, entry_form.of_entry(form, stored.entry))
    return render_template("entry_form.html", **_form_page(person, form, view, stored))


@blueprint.post("/<kind>/<int:entry_id>/edit")
def correct(code: str, kind: str, entry_id: int) -> Response:
    """Correct an entry."""
    person, form = _place(code, kind)
    stored = _health().entry(code, kind, entry_id)
    try:
        _health().correct(
            code,
            kind,
            entry_id,
            entry_form.sent(form, request.form),
            by=_by(),
            confirmed=_ticked("confirmed"),
            keep=_ticked("keep"),
        )
    except RefusedEntryError as refused:
        return _refusal(person, form, refused, stored)
    return _lead_to(url_for("record.entry", code=code, kind=kind, entry_id=entry_id))


@blueprint.post("/<kind>/<int:entry_id>/remove")
def remove(code: str, kind: str, entry_id: int) -> Response:
    """Remove an entry for good."""
    _place(code, kind)
    _health().remove(code, kind, entry_id, by=_by())
    return _lead_to(url_for("record.overview", code=code))


def _health() -> HealthPort:
    return the_station().health_record


def _place(code: str, kind: str) -> tuple[PersonView, Form]:
    """The person and the form of a kind. Raises NotFoundError."""
    form = form_of(kind)
    if form is None:
        raise NotFoundError(f"there is no kind of entry {kind[:40]!r}", person=TEXT.error_not_found)
    return the_station().person(code), form


def _view(code: str, form: Form, values: Values, refused: RefusedEntryError | None = None) -> FormView:
    return entry_form.view(form, values, record_view.references(_health(), code, form), refused, _by())


def _form_page(person: PersonView, form: Form, view: FormView, stored: StoredEntry | None = None) -> dict[str, object]:
    templates = vocabulary.options("template") if form.kind == "regimen" and stored is None else ()
    return {**frame(person), "form": view, "stored": stored, "templates": templates}


def _refusal(person: PersonView, form: Form, refused: RefusedEntryError, stored: StoredEntry | None = None) -> Response:
    view = _view(person.code, form, entry_form.typed(form, request.form), refused)
    page = _form_page(person, form, view, stored)
    return make_response(render_template("_entry_form.html", **page), REFUSED)


def _template(template_id: str) -> Values:
    """The fields that a protocol fills in, from today; nothing for one that does not exist."""
    found = next((each for each in regimens.templates() if each.id == template_id), None)
    return {} if found is None else {name: [text] for name, text in found.fields(_health().today()).items()}


def _ticked(name: str) -> bool:
    return request.form.get(name) == "yes"


def _by() -> str:
    return request.form.get("by", "").strip()[:LONGEST_NAME]


def _lead_to(address: str) -> Response:
    return make_response("", 204, {"HX-Redirect": address})
