"""`station quick`: an estimate in one sitting, without a name, a code or anything stored."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.cli import options

if TYPE_CHECKING:
    from station.capture.protocol import Site

MEASURES = ("mid_mm", "left_mm", "right_mm")


@click.command()
@options.config
@click.option(
    "--camera",
    type=click.Choice(["picamera2", "replay", "simulated"]),
    help="Where photographs come from (setting camera.driver).",
)
@click.option("--rig", metavar="NAME", help="Rig profile (setting rig.profile).")
@click.option(
    "--folder",
    type=options.PathValue(),
    metavar="FOLDER",
    help="Folder of the photographs for --camera replay, one for each site in the order of the protocol.",
)
@click.option(
    "--px-per-mm", type=options.Scale(), metavar="NUMBER", help="Their scale in px/mm (setting replay.px_per_mm)."
)
@click.option("--sex", type=click.Choice(["female", "male"]), help="The Norwood scale was made for men.")
@click.option("--mid-mm", metavar="MM", help="Hairline on the midline above the glabella.")
@click.option("--left-mm", metavar="MM", help="How far the left temple's hairline lies behind the midline mark.")
@click.option("--right-mm", metavar="MM", help="The same for the right temple.")
@click.option("--bridge", default="", metavar="WORD", help="Hair between front and crown: solid, sparse or none.")
@click.option("--yes", is_flag=True, help="Do not wait for Enter before each photograph.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def quick(
    config: Path | None,
    camera: str | None,
    rig: str | None,
    folder: Path | None,
    px_per_mm: float | None,
    sex: str | None,
    mid_mm: str | None,
    left_mm: str | None,
    right_mm: str | None,
    bridge: str,
    yes: bool,
    as_json: bool,
) -> None:
    """One look at every site, and an estimate at once. Nothing is stored, and nobody is asked for a name.

    Each photograph is counted while the next site is found, so that the answer follows the last one within seconds.
    With the hairline marked (--mid-mm, --left-mm, --right-mm) there is an estimate of the Norwood and BASP classes and
    a range of grafts, with what they assume. Photographs and numbers are gone when the command ends.

    Exit code: 0 with an answer, 1 when no site could be counted or the camera failed, 2 for wrong use.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.clock import SystemClock
    from station.errors import UncountableError
    from station.rig.build import open_rig
    from station.service.as_data import as_data
    from station.service.engine import load_engine
    from station.service.quick import hairline, quick_look, quick_result
    from station.settings import load

    settings = load(
        config,
        camera_driver=camera,
        rig_profile=rig,
        replay_folder=None if folder is None else str(folder),
        replay_px_per_mm=px_per_mm,
    )
    clock = SystemClock()
    given = dict(zip(MEASURES, (mid_mm, left_mm, right_mm), strict=True))
    marked = hairline({name: text for name, text in given.items() if text is not None}, bridge, clock.now().local_date)
    engine = load_engine(settings)

    def ready(site: Site) -> None:
        if not as_json:
            click.echo(f"{site.name}: {site.find}")
        if not yes:
            click.prompt("Press Enter when the head rests there", default="", show_default=False, err=as_json)

    held = open_rig(settings, clock)
    try:
        look = quick_look(held, engine, clock, ready, thin_hair_um=settings.calibre_thin_um)
    finally:
        held.close()
    if not look.readings:
        raise UncountableError("No site could be counted: " + " ".join(look.failures.values()))
    result = quick_result(look, marked, sex or "")
    seconds = time.monotonic() - look.last_capture
    if as_json:
        click.echo(json.dumps({**as_data(result), "seconds_after_last_capture": round(seconds, 2)}, ensure_ascii=False))
        return
    _print(result, look.failures, seconds)


def _print(result: Any, failures: dict[str, str], seconds: float) -> None:
    for site, reading in result.sites.items():
        click.echo(f"{site}: {reading.hairs_per_cm2:.0f} hairs/cm2, {reading.fu_per_cm2:.0f} FU/cm2")
    for site, reason in failures.items():
        click.echo(f"{site}: {reason}", err=True)
    for sentence in result.sentences:
        click.echo(sentence.text())
    click.echo(f"Answered {seconds:.1f} s after the last photograph. Nothing was stored.")
