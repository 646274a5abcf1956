"""Rules that keep the house whole, as ordinary tests over the tracked files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from station import __version__

LINES_AT_MOST = 400
CODE = {".py", ".js", ".html", ".css", ".sh"}
TEXT = CODE | {".md", ".toml", ".txt", ".json", ".service", ".timer", ".cfg", ".ini", ".yml", ""}
# Each address is taken apart, so that this file does not hold what it looks for.
PACKAGE_HOSTS = [
    ".".join(parts)
    for parts in [("pypi", "org"), ("files", "pythonhosted"), ("registry", "npmjs"), ("deb", "debian", "org")]
]
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|farm|opt|root|home/[a-z]\w*)/")


@pytest.fixture(scope="module")
def tracked(root: Path) -> list[Path]:
    """Every file that git tracks and that is still here."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    files = [root / name for name in listing.split("\0") if name]
    return [file for file in files if file.is_file()]


def is_vendored(file: Path) -> bool:
    return "vendor" in file.parts


def test_no_code_file_is_too_long(tracked: list[Path], root: Path) -> None:
    sizes = {
        str(file.relative_to(root)): len(file.read_text("utf-8").splitlines())
        for file in tracked
        if file.suffix in CODE and not is_vendored(file)
    }
    assert len(sizes) > 20
    assert {name: size for name, size in sizes.items() if size > LINES_AT_MOST} == {}


def test_no_package_host_or_machine_path_is_written_down(tracked: list[Path], root: Path) -> None:
    found = []
    for file in tracked:
        if file.suffix not in TEXT or is_vendored(file) or file.name == "LICENSE":
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if any(host in line for host in PACKAGE_HOSTS) or MACHINE_PATH.search(line):
                found.append(f"{file.relative_to(root)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_requirements_are_pinned_with_hashes(root: Path) -> None:
    files = sorted((root / "requirements").glob("*.txt"))
    assert [file.stem for file in files] == ["station", "test", "train"]
    for file in files:
        text = file.read_text("utf-8")
        assert "://" not in text
        blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
        assert len(blocks) > 30
        for block in blocks:
            assert re.match(r"[a-z0-9.-]+==\S+", block), block.splitlines()[0]
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_test_requirements_agree_with_the_stations(root: Path) -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"(?m)^(\S+==\S+)", (root / "requirements" / f"{name}.txt").read_text("utf-8")))

    assert pins("station") <= pins("test")


def test_no_assert_at_run_time(root: Path) -> None:
    found = []
    for folder in ("station", "web"):
        for file in sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Assert):
                    found.append(f"{file.relative_to(root)}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("script", ["run", ".ci/run", "tests/platform/empty_root.sh"])
def test_shell_scripts_are_posix(root: Path, script: str) -> None:
    path = root / script
    assert path.read_text("utf-8").startswith("#!/bin/sh\n")
    assert path.stat().st_mode & 0o111, f"{script} is not executable"
    subprocess.run(["sh", "-n", path], check=True)


def test_the_core_imports_no_hardware_and_no_web_framework() -> None:
    """Importing every room but the pages and the command line loads no picamera2, no GPIO and no Flask."""
    program = """
import importlib, pkgutil, sys
import station
for module in pkgutil.walk_packages(station.__path__, "station."):
    if not module.name.startswith("station.cli"):
        importlib.import_module(module.name)
print(sorted({"picamera2", "libcamera", "gpiozero", "lgpio", "flask", "waitress"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_changelog_is_dated_and_names_this_version(root: Path) -> None:
    lines = (root / "CHANGELOG.md").read_text("utf-8").splitlines()
    entries = [line for line in lines if line.startswith("- ")]
    assert entries
    assert [line for line in entries if not re.match(r"- 20\d\d-\d\d-\d\d: \S", line)] == []
    headings = [line for line in lines if line.startswith("## ")]
    assert headings[0].split()[1] == __version__
