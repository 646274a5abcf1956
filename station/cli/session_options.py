"""What the commands of a visit share: options of the rig, and a visit as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from station.cli import options
from station.names import escaped

if TYPE_CHECKING:
    from station.service.session_views import SessionView, SiteProgress
    from station.service.station import Station

F = TypeVar("F", bound=Callable[..., Any])

code = click.option("--code", metavar="CODE", help="Code of the person, as shown when the person was new.")
new = click.option("--new", is_flag=True, help="Somebody new; the code is printed.")
take_over = click.option(
    "--take-over", is_flag=True, help="End somebody else's open visit first; nothing of it is lost."
)
new_series = click.option(
    "--new-series", is_flag=True, help="Follow the newest protocol, also where earlier visits followed an older one."
)
confirm = click.option("--confirm", is_flag=True, help="Answers that were asked about are right.")
yes = click.option("--yes", is_flag=True, help="Do not wait for Enter before each photograph.")


def on_the_record(command: F) -> F:
    return options.config(options.data(command))


def with_rig(command: F) -> F:
    """Options that say where photographs come from; the command gets them as settings."""
    folder = click.option(
        "--folder",
        "replay_folder",
        metavar="FOLDER",
        help="Folder of the photographs for --camera replay (setting replay.folder).",
    )
    scale = click.option(
        "--px-per-mm",
        "replay_px_per_mm",
        type=options.Scale(),
        metavar="NUMBER",
        help="Their scale in px/mm (setting replay.px_per_mm).",
    )
    rig = click.option("--rig", "rig_profile", metavar="NAME", help="Rig profile (setting rig.profile).")
    camera = click.option(
        "--camera",
        "camera_driver",
        type=click.Choice(["picamera2", "replay", "simulated"]),
        help="Where photographs come from (setting camera.driver).",
    )
    return camera(rig(folder(scale(command))))


@contextmanager
def station_at(config: Path | None, data: Path | None, **rig: Any) -> Iterator[Station]:
    """An open station. rig: settings of the rig, None for those that were not given."""
    from station.clock import SystemClock
    from station.service.demo import refuse_demonstration
    from station.service.station import Station
    from station.settings import load

    settings = load(config, data_folder=data, **rig)
    refuse_demonstration(settings)
    station = Station(settings, SystemClock())
    try:
        yield station
    finally:
        station.close()


def say(text: str, *, err: bool = False) -> None:
    click.echo(escaped(text), err=err)


def tell(view: SessionView) -> None:
    """A visit as lines of text."""
    whose = "Quick look" if not view.code else f"Visit {view.visit} of person {view.code}"
    baseline = ", baseline" if view.first else ""
    say(f"{whose}{baseline}, protocol {view.protocol}: {view.step}.")
    for note in view.notes:
        say(f"  {note.text()}")
    if view.step in ("person", "preparation"):
        return
    for site in view.sites:
        say(f"  {site.site:15} {_stands(site)}")
        for taken in site.taken:
            if taken.problem is not None:
                say(f"    photograph {taken.capture_id}: {taken.problem.text()}")
    if view.now is not None:
        tell_site(view.now)


def tell_site(site: SiteProgress) -> None:
    """How to find a site."""
    cm = "" if site.cm is None else f" ({site.cm:g} cm)"
    say(f"{site.name}: {site.find}{cm}")
    if site.measure is not None and site.cm is None:
        say(f"  Measure once: {site.measure.what}. Usually about {site.measure.usual_cm:g} cm.")
    if site.note is not None:
        say(f"  {site.note.text()}")


def as_json(view: SessionView) -> dict[str, Any]:
    """A visit as JSON values."""
    return {
        "code": view.code,
        "visit": view.visit,
        "first": view.first,
        "protocol": view.protocol,
        "step": view.step,
        "notes": [{"key": note.key, "text": note.text()} for note in view.notes],
        "rejected": view.rejected,
        "answers": {each.id: each.answer for each in view.questions if each.answer},
        "sites": [
            {
                "site": site.site,
                "state": site.state,
                "needed": site.needed,
                "skipped": site.skipped,
                "cm": site.cm,
                "taken": [
                    {
                        "capture": taken.capture_id,
                        "state": taken.state,
                        "hairs_per_cm2": taken.hairs_per_cm2,
                        "problem": None if taken.problem is None else taken.problem.key,
                    }
                    for taken in site.taken
                ],
            }
            for site in view.sites
        ],
    }


def _stands(site: SiteProgress) -> str:
    if site.skipped:
        return f"left out ({site.skipped})"
    found = [each for each in site.taken if each.hairs_per_cm2 is not None]
    mean = sum(each.hairs_per_cm2 or 0.0 for each in found) / len(found) if found else None
    counted = "" if mean is None else f", {mean:.0f} hairs/cm2"
    return f"{len(site.taken)} of {site.needed} taken{counted}"
