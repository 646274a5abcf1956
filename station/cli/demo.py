"""`station demo`: a simulated person's year."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli import options


@click.command()
@options.config
@click.option(
    "--data",
    type=options.PathValue(file_okay=False),
    metavar="FOLDER",
    help="Folder of the demonstration (setting demo.folder). Real photographs never go there.",
)
@options.port
@click.option(
    "--scenario",
    metavar="NAME",
    help="Whose year is shown: b12-recovery, no-change, pattern-loss, seasonal-shedding or healthy "
    "(setting demo.scenario).",
)
@click.option("--fresh", is_flag=True, help="Begin anew: deletes what an earlier demonstration made in its folder.")
def demo(config: Path | None, data: Path | None, port: int | None, scenario: str | None, fresh: bool) -> None:
    """Run the station with a simulated person and a simulated rig.

    A year of monthly visits is photographed in the simulated world and measured as real photographs are; the page
    shows them as they come, beside the blood values, supplements and shed counts that this person would have entered. A
    second start goes on where the first was ended, or shows the finished year at once.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.cli.serving import listening, serve_pages
    from station.clock import SystemClock
    from station.service.demo import demo_settings, prepare_demo
    from station.service.station import Station
    from station.settings import load

    settings = demo_settings(load(config, demo_folder=data, server_port=port, demo_scenario=scenario))
    clock = SystemClock()
    with listening(settings) as listener:
        prepare_demo(settings, clock, fresh=fresh, asked=scenario)
        station = Station(settings, clock)
        serve_pages(station, listener, "The demonstration is running at")
