"""`station settings`: what can be set and what is in force."""

from __future__ import annotations

import json
from pathlib import Path

import click

from station.cli import options
from station.settings import all_settings, load


@click.command()
@options.config
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array with one object per setting.")
def settings(config: Path | None, as_json: bool) -> None:
    """List all settings: the value in force, the allowed range, the default and what it does."""
    in_force = load(config)
    if as_json:
        rows = [
            {
                "key": setting.key,
                "value": _plain(getattr(in_force, setting.attribute)),
                "default": _plain(setting.default),
                "unit": setting.unit,
                "allowed": setting.allowed,
                "variable": setting.variable,
                "sentence": setting.sentence,
            }
            for setting in all_settings()
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    for setting in all_settings():
        value, unit = getattr(in_force, setting.attribute), f" {setting.unit}" if setting.unit else ""
        click.echo(f"{setting.key} = {_text(value)}{unit}")
        click.echo(f"    {setting.sentence}")
        click.echo(f"    Allowed: {setting.allowed}. Default: {_text(setting.default)}. Variable: {setting.variable}.")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if str(value) else '""'
