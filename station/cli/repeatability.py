"""`station repeatability`: how well the rig repeats itself, measured with the head put back again and again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.errors import UsageError

if TYPE_CHECKING:
    from station.capture.protocol import Site
    from station.service.repeatability_view import RepeatabilityView, SiteRepeatability


@click.command()
@options.config
@options.data
@click.option(
    "--repeats", type=click.IntRange(2, 50), default=10, show_default=True, metavar="N", help="Repeats of each site."
)
@click.option(
    "--photographs",
    type=click.IntRange(1, 10),
    default=2,
    show_default=True,
    metavar="N",
    help="Photographs at each repeat, without moving in between.",
)
@click.option("--site", metavar="NAME", help="One site of the protocol, for example vertex; otherwise all of them.")
@click.option("--person", "code", metavar="CODE", help="Whose head it is, if on record.")
@click.option(
    "--camera",
    type=click.Choice(["picamera2", "replay", "simulated"]),
    help="Where photographs come from (setting camera.driver).",
)
@click.option("--rig", metavar="NAME", help="Rig profile (setting rig.profile).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def repeatability(
    config: Path | None,
    data: Path | None,
    repeats: int,
    photographs: int,
    site: str | None,
    code: str | None,
    camera: str | None,
    rig: str | None,
    as_json: bool,
) -> None:
    """How well the rig repeats itself: the error within a visit and of putting the head back, and what follows.

    At each repeat the head is lifted and put back, and photographs are taken without moving; the terminal says when,
    and waits for Enter. A simulated rig does it by itself. The numbers are kept for the rig, the person and the site,
    and trends reckon with them; the photographs are counted in memory and gone with the command. Visits are not
    touched.

    Exit code: 0 with a result, 1 when a site could not be counted or the camera failed, 2 for wrong use.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.capture.protocol import load_protocol
    from station.cli.opening import records_of, tidy_end
    from station.clock import SystemClock
    from station.rig.build import open_rig
    from station.service.demo import refuse_demonstration, simulation
    from station.service.engine import load_engine
    from station.service.person_record import station_errors
    from station.service.repeatability import Design, Hands, run
    from station.service.repeatability_view import payload, repeatability_view
    from station.settings import load

    settings, start = simulation(load(config, data_folder=data, camera_driver=camera, rig_profile=rig))
    if camera not in (None, settings.camera_driver):
        refuse_demonstration(settings)
    protocol, clock = load_protocol(), SystemClock()
    sites = protocol.sites if site is None else (protocol.site(site),)
    simulated = settings.camera_driver == "simulated"
    if simulated and code and not start:
        raise UsageError(f"--person {code}: the simulated rig shows nobody on record; leave it out.")
    with tidy_end(), records_of(settings) as records:
        demonstrated = next((row.code for row in records.persons() if row.demonstration), "") if start else ""
        person = records.person(code).code if code else demonstrated
        engine = load_engine(settings)
        held = open_rig(settings, clock, simulation_start=start)
        try:
            outcome = run(
                Design(sites, repeats, photographs, person, simulated),
                Hands(held, engine, clock, settings.calibre_thin_um),
                _ready(repeats, ask=not simulated, quiet=as_json),
                records.repeatability.add,
            )
        finally:
            held.close()
        errors = station_errors(records, held.profile.id, engine.model.sha256, simulated=simulated)
    names = {"person": person, "rig": held.profile.name, "model": engine.model.label}
    view = repeatability_view(outcome.rows, errors, protocol, simulated=simulated, **names)
    for failure in outcome.failures:
        click.echo(failure, err=True)
    if as_json:
        click.echo(json.dumps(payload(view), ensure_ascii=False, allow_nan=False))
    else:
        _print(view)


def _ready(repeats: int, *, ask: bool, quiet: bool) -> Callable[[Site, int], None]:
    """Says when the head is to be put back, and waits for it. quiet: on stderr, and only what is asked."""

    def ready(site: Site, repeat: int) -> None:
        where = f"{site.name}, {repeat} of {repeats}"
        if not ask:
            if not quiet:
                click.echo(where)
            return
        what = site.find if repeat == 1 else "Lift the head off, wait a moment, and put it back on the same place."
        click.echo(f"{where}: {what}", err=quiet)
        click.prompt("Press Enter when the head rests there", default="", show_default=False, err=quiet)

    return ready


def _print(view: RepeatabilityView) -> None:
    for site in (*view.sites, view.together) if len(view.sites) > 1 else view.sites:
        if site is not None:
            click.echo(_line(site))
    for used, quantity in ((view.hairs_in_use, "Hairs"), (view.fu_in_use, "FU")):
        limits = f"{100 * used.limits.fall:.1f} % to +{100 * used.limits.rise:.1f} %"
        click.echo(
            f"{quantity}: trends tell two visits of {view.site_count} sites apart beyond {limits}. {used.source.text()}"
        )


def _line(site: SiteRepeatability) -> str:
    hairs, matched = site.hairs, site.matched
    cvs = ", ".join(
        f"{name} {100 * cv:.2f} %"
        for name, cv in (
            ("within a visit", hairs.within_cv),
            ("repositioning", hairs.reposition_cv),
            ("visit", hairs.visit_cv),
        )
        if cv is not None
    )
    parts = [f"{site.name or 'All sites'}: {hairs.repeats} repeats. CV of hairs/cm2: {cvs}."]
    if hairs.mdc is not None:
        parts.append(f"Least detectable change {100 * hairs.mdc.fall:.1f} % to +{100 * hairs.mdc.rise:.1f} %.")
    if matched.mdc is not None:
        parts.append(f"By matching the same hairs {100 * matched.mdc.fall:.2f} % to +{100 * matched.mdc.rise:.2f} %.")
    if hairs.icc is not None:
        parts.append(f"ICC(2,1) {hairs.icc:.3f}.")
    elif hairs.icc_reason is not None:
        parts.append(hairs.icc_reason.text())
    return " ".join(parts)
