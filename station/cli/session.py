"""`station session`: a visit step by step in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.cli import options
from station.cli import session_options as common
from station.cli.session_options import say, tell, tell_site
from station.errors import RefusedEntryError, UsageError

if TYPE_CHECKING:
    from station.service.session_views import SessionView
    from station.service.station import Station

OFTEN = 200
"""More photographs than any visit has: a camera that always fails must not go on for ever."""


@click.group()
def session() -> None:
    """A visit: the person, the questions, the sites one by one, a look at all of it, the end.

    One visit is open at a time. It is on the disk after every step, and goes on where it was after a power cut; one
    that nobody goes on with for 20 minutes is closed. A visit of the same day is continued. A demonstration's folder is
    refused. Exit codes: 0 when it was done, 1 for a failure, 2 for wrong use and for answers that were refused.
    """


@session.command()
@common.on_the_record
@common.with_rig
@common.code
@common.new
@common.new_series
@common.take_over
@common.confirm
@click.argument("answers", nargs=-1, metavar="[QUESTION=ANSWER]...")
def begin(
    config: Path | None,
    data: Path | None,
    code: str | None,
    new: bool,
    new_series: bool,
    take_over: bool,
    confirm: bool,
    answers: tuple[str, ...],
    **rig: Any,
) -> None:
    """Begin a visit, or go on with the one that is open.

    Who is at the station is confirmed by the code. Then come the questions: what is not answered in the command is
    asked for in a terminal. The first site is named.

    \b
    Example:
      station session begin --new head=free state=dry products=none length=trimmed cut=no dye=no
    """
    _one_of(code, new)
    with common.station_at(config, data, **rig) as station:
        view = station.sessions.begin(code, take_over=take_over, new_series=new_series)
        if new:
            say(f"New person: {view.code}")
        if view.step == "person":
            view = station.sessions.confirm(view.token)
        if view.step == "preparation":
            view = _prepare(station, view, _given(answers), confirm)
        tell(view)


@session.command("continue")
@common.on_the_record
@common.with_rig
@common.yes
@click.option("--one", is_flag=True, help="Take one photograph, then stop.")
@click.option("--again", is_flag=True, help="Set the latest photograph aside first, and take it again.")
@click.option("--cm", type=float, metavar="CM", help="The person's own distance by which the present site is found.")
def go_on(
    config: Path | None, data: Path | None, yes: bool, one: bool, again: bool, cm: float | None, **rig: Any
) -> None:
    """Take the photographs that are still missing, site by site, and measure them.

    Before each one the command waits for Enter, until the head rests there. Ctrl-C stops it; the visit stays open.
    """
    with common.station_at(config, data, **rig) as station:
        view = _open_visit(station)
        if cm is not None:
            if view.now is None:
                raise UsageError("--cm: no site is under the camera; choose one with `station session undo SITE`.")
            view = station.sessions.measure(view.token, view.now.site, cm)
        if again:
            view = station.sessions.retake(view.token)
        view = _take(station, view, wait=not yes, most=1 if one else OFTEN)
        station.measure_all()
        tell(station.sessions.view(view.token))


@session.command()
@common.on_the_record
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Show where the open visit stands, and what is the matter with its photographs."""
    with common.station_at(config, data) as station:
        view = _open_visit(station)
        if as_json:
            click.echo(json.dumps(common.as_json(view), indent=1, ensure_ascii=False))
        else:
            tell(view)


@session.command()
@common.on_the_record
@click.argument("site", required=False)
@click.option("--reason", required=True, metavar="REASON", help="Why: wound, hair-piece, covered, not-found, "
              "not-countable, time or other.")  # fmt: skip
def skip(config: Path | None, data: Path | None, site: str | None, reason: str) -> None:
    """Leave a SITE out, the present one by default, with the reason."""
    from station.service.session_views import SKIP_REASONS

    if reason not in SKIP_REASONS:
        raise UsageError(f"--reason {reason!r} is none of {', '.join(SKIP_REASONS)}.")
    with common.station_at(config, data) as station:
        view = _open_visit(station)
        site = site or (view.now.site if view.now else None)
        if site is None:
            raise UsageError("No site is under the camera: name the one that is left out.")
        tell(station.sessions.skip(view.token, site, reason))


@session.command()
@common.on_the_record
@click.argument("site", required=False)
def undo(config: Path | None, data: Path | None, site: str | None) -> None:
    """Begin a SITE anew, that of the latest photograph by default.

    Its photographs are set aside, and deleted when the visit ends. A site that was left out is taken after all.
    """
    with common.station_at(config, data) as station:
        tell(station.sessions.undo(_open_visit(station).token, site or ""))


@session.command()
@common.on_the_record
def finish(config: Path | None, data: Path | None) -> None:
    """End the visit. Every site must be complete or left out with a reason."""
    with common.station_at(config, data) as station:
        tell(station.sessions.finish(_reviewed(station, _open_visit(station)).token))


@session.command()
@common.on_the_record
@click.option("--reason", default="ended", show_default=True, metavar="REASON", help="Why: ended, went-away, "
              "not-this-person or other-person.")  # fmt: skip
def leave(config: Path | None, data: Path | None, reason: str) -> None:
    """End the visit before it is complete. What was taken is kept, and it can be gone on with today."""
    from station.service.session_views import LEAVE_REASONS

    if reason not in LEAVE_REASONS:
        raise UsageError(f"--reason {reason!r} is none of {', '.join(LEAVE_REASONS)}.")
    with common.station_at(config, data) as station:
        tell(station.sessions.leave(_open_visit(station).token, reason))


@session.command()
@common.on_the_record
@common.with_rig
@common.code
@common.new
@common.new_series
@common.take_over
@common.confirm
@common.yes
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@click.argument("answers", nargs=-1, metavar="[QUESTION=ANSWER]...")
def run(
    config: Path | None,
    data: Path | None,
    code: str | None,
    new: bool,
    new_series: bool,
    take_over: bool,
    confirm: bool,
    yes: bool,
    as_json: bool,
    answers: tuple[str, ...],
    **rig: Any,
) -> None:
    """Run a whole visit: questions, all sites, measuring, the end.

    With the simulated or the replay camera it runs by itself; questions that are not answered in the command then have
    their usual answer. With the Pi's camera it waits for Enter before each photograph.
    """
    _one_of(code, new)
    with common.station_at(config, data, **rig) as station:
        by_itself = yes or station.settings.camera_driver != "picamera2"
        view = station.sessions.begin(code, take_over=take_over, new_series=new_series)
        if new and not as_json:
            say(f"New person: {view.code}")
        if view.step == "person":
            view = station.sessions.confirm(view.token)
        if view.step == "preparation":
            view = _prepare(station, view, _given(answers), confirm, usual=by_itself)
        view = _take(station, view, wait=not by_itself, quiet=as_json)
        station.measure_all()
        view = station.sessions.finish(_reviewed(station, view).token)
        if as_json:
            click.echo(json.dumps(common.as_json(view), indent=1, ensure_ascii=False))
        else:
            tell(view)


@session.command("view")
@common.on_the_record
@common.code
@click.argument("view")
@click.argument("file", type=options.PathValue(exists=False))
@click.option("--mask", type=float, metavar="PERCENT", help="Where the brows are, in per cent of the height from the "
              "top: everything below is blanked before anything is stored.")  # fmt: skip
def view_of_the_head(
    config: Path | None, data: Path | None, code: str | None, view: str, file: Path, mask: float | None
) -> None:
    """Store a picture of the whole head: VIEW is frontal, temple-left, temple-right, superior, vertex or occipital.

    Only the masked picture is stored, made smaller and without metadata; FILE itself stays as it is. Where a face is in
    the view the line stands at a safe 35 per cent without --mask.
    """
    if code is None:
        raise UsageError("Say whose picture it is: --code CODE.")
    try:
        picture = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be opened ({error.strerror}): name a picture.") from error
    with common.station_at(config, data) as station:
        number = station.views.store(code, view, picture, None if mask is None else mask / 100)
        say(f"Stored picture {number}: {view} of person {code}.")


def _one_of(code: str | None, new: bool) -> None:
    if new == (code is not None):
        raise UsageError("Say whose visit it is: either --code CODE or --new.")


def _open_visit(station: Station) -> SessionView:
    view = station.sessions.resume()
    if view is None:
        raise UsageError("No visit is open: begin one with `station session begin`.")
    return view


def _reviewed(station: Station, view: SessionView) -> SessionView:
    return station.sessions.review(view.token) if view.step == "sites" else view


def _given(answers: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in answers:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UsageError(f"{each!r} is no answer: write it like state=dry.")
        found[name] = value
    return found


def _prepare(
    station: Station, view: SessionView, given: dict[str, str], confirmed: bool, *, usual: bool = False
) -> SessionView:
    """The questions: answered in the command, by the usual answer, or asked for in a terminal."""
    from station.capture.checklist import usual_answers

    answers = {**usual_answers(), **given} if usual else dict(given)
    if not usual and sys.stdin.isatty():
        for question in view.questions:
            if question.id not in answers:
                words = " / ".join(f"{choice} ({text.text()})" for choice, text in question.choices)
                say(f"{question.sentence.text()} {words}")
                answers[question.id] = click.prompt(
                    question.id,
                    type=click.Choice([choice for choice, _ in question.choices]),
                    default=question.answer or question.choices[0][0],
                )
    with _answer_lines(view.code):
        return station.sessions.prepare(view.token, answers, confirmed=confirmed)


@contextmanager
def _answer_lines(code: str) -> Iterator[None]:
    """Answers that are refused are one line for each question, and exit code 2."""
    try:
        yield
    except RefusedEntryError as error:
        for name, sentence in error.fields.items():
            say(f"{name}: {sentence}{' (--confirm)' if name in error.odd else ''}", err=True)
        say(f"The visit is open: answer with `station session begin --code {code} QUESTION=ANSWER...`.", err=True)
        sys.exit(error.exit_code)


def _take(station: Station, view: SessionView, *, wait: bool, quiet: bool = False, most: int = OFTEN) -> SessionView:
    """Takes what is missing, site by site."""
    told = ""
    for _ in range(most):
        if view.step != "sites" or view.now is None:
            break
        if view.now.site != told and not quiet:
            tell_site(view.now)
            told = view.now.site
        if wait:
            # Photographs without moving between them hide the same hairs, and look surer than they are.
            asked = (
                "Lift the head off, put it back and press Enter"
                if view.now.taken
                else "Press Enter when it rests there"
            )
            click.prompt(asked, default="", show_default=False, err=True)
        view = station.sessions.capture(view.token)
    return view
