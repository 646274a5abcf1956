"""With CI=true a heavy layer that was skipped makes the run fail; elsewhere it is skipped with its reason printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = """
import pytest

@pytest.mark.{marker}
def test_layer(require_component):
    {body}
"""
BY_FIXTURE = "require_component('frobnicator', False, 'apt-get install frobnicator')"
BY_HAND = "pytest.skip('no frobnicator')"


def outcome(folder: Path, root: Path, marker: str, body: str, ci: str) -> subprocess.CompletedProcess[str]:
    example = folder / "test_example.py"
    example.write_text(EXAMPLE.format(marker=marker, body=body), "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(root / "pyproject.toml"), str(example)]
    environment = {**os.environ, "CI": ci}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("body", [BY_FIXTURE, BY_HAND])
@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skipped_heavy_layer(tmp_path: Path, root: Path, body: str, ci: str, code: int) -> None:
    done = outcome(tmp_path, root, "browser", body, ci)
    assert done.returncode == code, done.stdout
    assert "frobnicator" in done.stdout


def test_hardware_may_be_skipped_in_ci(tmp_path: Path, root: Path) -> None:
    assert outcome(tmp_path, root, "hardware", BY_HAND, "true").returncode == 0
