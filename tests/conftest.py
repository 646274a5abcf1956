"""What all tests share: the rule for layers that need more than Python packages.

A heavy layer is skipped with a printed reason where its component is missing. With CI=true such a skip is a failure,
so that a green run means that every layer ran. Tests of real hardware are the exception: no such machine has it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
HEAVY = frozenset({"browser", "platform", "peers"})
SKIPPED = pytest.StashKey[list[str]]()

# Shared machines stall now and then: how long one example takes says nothing about the code.
settings.register_profile("station", deadline=None)
settings.load_profile("station")

RequireComponent = Callable[[str, bool, str], None]


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def require_component(name: str, found: bool, how: str) -> None:
    """Skips the test when a component is missing, and fails it instead under CI=true.

    name: what is needed; found: whether it is here; how: how to get it, for the printed reason.
    """
    if found:
        return
    reason = f"{name} is missing: {how}"
    if in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session", name="require_component")
def require_component_fixture() -> RequireComponent:
    return require_component


SmallDisk = Callable[[str], Path]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Mounts an empty disk of a size: `small_disk("4m")`."""
    how = "it takes root, on a machine that lets root mount a tmpfs"
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        require_component("a small disk", os.geteuid() == 0 and shutil.which("mount") is not None, how)
        disk = tmp_path / f"disk-{len(mounted)}"
        disk.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], capture_output=True, check=False
        )
        require_component("a small disk", made.returncode == 0, how)
        mounted.append(disk)
        return disk

    yield mount
    for disk in mounted:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SKIPPED] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    report = yield
    heavy = HEAVY.intersection(mark.name for mark in item.iter_markers())
    if heavy and report.skipped and not hasattr(report, "wasxfail"):
        item.config.stash[SKIPPED].append(f"{item.nodeid} ({', '.join(sorted(heavy))})")
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if in_ci() and session.config.stash[SKIPPED] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if in_ci():
        for skipped in config.stash[SKIPPED]:
            terminalreporter.write_line(f"FAILED {skipped}: a heavy layer was skipped although CI=true", red=True)
