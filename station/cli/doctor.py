"""`station doctor`: what works and what does not."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import click

from station.cli import options


@click.command()
@options.config
@options.data
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all findings.")
def doctor(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Check Python, engine, disk, clock, camera, data folder, database and photographs, and say what to do.

    Changes nothing. What could not be looked at counts as unknown, not as healthy. Exit code: 1 when something has
    failed, otherwise 0.
    """
    # Imported here so that `station --help` does not wait for the numerical libraries.
    from station.clock import SystemClock
    from station.health.doctor import examine, failed, healthy
    from station.settings import load

    findings = examine(load(config, data_folder=data), SystemClock())
    if as_json:
        report = {"healthy": healthy(findings), "findings": [dataclasses.asdict(finding) for finding in findings]}
        click.echo(json.dumps(report, indent=1))
    else:
        for finding in findings:
            click.echo(f"{finding.state:8} {finding.check:12} {finding.sentence}")
            if finding.advice:
                click.echo(f"{'':21} {finding.advice}")
    if failed(findings):
        sys.exit(1)
