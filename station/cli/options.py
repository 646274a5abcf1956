"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.toml",
    help="Settings file (default: the one that STATION_CONFIG names, else /etc/station/station.toml).",
)
data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Data folder (setting data.folder).",
)
port = click.option(
    "--port", type=int, metavar="NUMBER", help="Port of the pages; 0 takes a free one (setting server.port)."
)
