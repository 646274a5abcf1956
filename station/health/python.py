"""Does the software fit together?"""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import sys

from station.clock import Clock
from station.health.finding import Finding, State
from station.settings import Settings

OLDEST, NEWEST = (3, 11), (3, 13)
PACKAGES = {"numpy": "numpy", "opencv-python-headless": "cv2", "scipy": "scipy", "pillow": "PIL", "flask": "flask"}


def check(settings: Settings, clock: Clock) -> Finding:
    """Python's version, and that the packages that hold compiled code load beside each other."""
    version = f"Python {platform.python_version()} on {platform.machine()}"
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return Finding("python", State.FAILED, f"{version} is not supported.", "Install Python 3.11, 3.12 or 3.13.")
    versions = []
    for package, module in PACKAGES.items():
        try:
            importlib.import_module(module)
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except (ImportError, ValueError) as error:  # ValueError: a package built against another numpy
            return Finding("python", State.FAILED, f"{package} does not load: {error}.", "Install the station again.")
    return Finding("python", State.OK, f"{version}; {', '.join(versions)}.")
