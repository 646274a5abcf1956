"""`./run` on a Debian without python3-venv, and without Python, in a root made by debootstrap."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.platform
def test_a_missing_package_gets_one_sentence(root: Path, require_component: Callable[[str, bool, str], None]) -> None:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    debootstrap = shutil.which("debootstrap", path=path)
    require_component("root", os.geteuid() == 0, "a Debian root is made by root only")
    require_component("debootstrap", debootstrap is not None, "apt-get install debootstrap")
    done = subprocess.run(
        [root / "tests" / "platform" / "empty_root.sh", "12", "sentences"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("== without") == 2
