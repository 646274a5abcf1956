"""`station serve`: the station of this device."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli import options


@click.command()
@options.config
@options.data
@options.port
def serve(config: Path | None, data: Path | None, port: int | None) -> None:
    """Run the station of this device and serve its pages.

    Photographs that wait in the data folder are measured in the background, also those that a power cut left behind.
    Without a density model that works, or without room to write, it says so and does not start. Ctrl-C or SIGTERM
    ends it after the photograph in hand.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.cli.serving import listening, serve_pages
    from station.clock import SystemClock
    from station.service.demo import refuse_demonstration
    from station.service.station import Station
    from station.settings import load

    settings = load(config, data_folder=data, server_port=port)
    refuse_demonstration(settings)
    with listening(settings) as listener:
        station = Station(settings, SystemClock())
        serve_pages(station, listener, "The station is running at")
