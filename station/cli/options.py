"""Options that several commands have, and the kinds of value they take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from station.errors import UsageError


class PathValue(click.Path):
    """A path. An empty text is none: it would stand for the current folder without anyone having said so."""

    def __init__(self, **allowed: bool) -> None:
        super().__init__(path_type=Path, **allowed)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            raise UsageError(f"{_named(param)} is empty: name a file or a folder ('.' is the current folder).")
        return super().convert(value, param, ctx)


class Scale(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click alone
    """A scale in px/mm; its range is checked where it is used."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(value)
        except ValueError as error:
            pointed = str(value).strip().replace(",", ".", 1)
            try:
                float(pointed)
            except ValueError:
                pointed = "181.4"
            raise UsageError(f"{_named(param)} {value} is not a number: write it like {pointed}.") from error


def _named(param: click.Parameter | None) -> str:
    if param is None:
        return "The value"
    return param.opts[0] if isinstance(param, click.Option) else "IMAGE"


config = click.option(
    "--config",
    type=PathValue(dir_okay=False),
    metavar="FILE.toml",
    help="Settings file (default: the one that STATION_CONFIG names, else /etc/station/station.toml).",
)
data = click.option(
    "--data",
    type=PathValue(file_okay=False),
    metavar="FOLDER",
    help="Data folder (setting data.folder).",
)
port = click.option(
    "--port", type=int, metavar="NUMBER", help="Port of the pages; 0 takes a free one (setting server.port)."
)
