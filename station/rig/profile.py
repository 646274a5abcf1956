"""Rig profiles: what a rig's camera sees, how it is locked and where its light is connected.

The files lie in `firmware_config/rigs/`; a site adds its own by naming a path. Keys are checked strictly: an unknown
key or a value out of range is refused with the file and the key.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from station.errors import SettingsError
from station.imaging import MAX_PX_PER_MM, MIN_PX_PER_MM
from station.values import Controls

_TABLES: dict[str, dict[str, tuple[float, float]]] = {
    "camera": {"width_px": (64, 10_000), "height_px": (64, 10_000), "px_per_mm": (MIN_PX_PER_MM, MAX_PX_PER_MM)},
    "controls": {
        "exposure_us": (10, 1_000_000),
        "analogue_gain": (1.0, 64.0),
        "colour_gains": (0.1, 32.0),
        "lens_position": (0.0, 32.0),
    },
    "light": {"cross_gpio": (0, 27), "parallel_gpio": (0, 27), "warm_up_ms": (0, 10_000)},
}
_WHOLE = {"width_px", "height_px", "exposure_us", "cross_gpio", "parallel_gpio", "warm_up_ms"}
_TEXTS = ("id", "name", "note")


@dataclass(frozen=True, slots=True)
class LightProfile:
    """GPIO numbers (BCM) that enable the two LED rings, and how long they need until their output is steady."""

    cross_gpio: int
    parallel_gpio: int
    warm_up_ms: int


@dataclass(frozen=True, slots=True)
class RigProfile:
    """One rig. px_per_mm: nominal scale on the plane of the site; light: None where the rig drives none."""

    id: str
    name: str
    note: str
    width_px: int
    height_px: int
    px_per_mm: float
    controls: Controls
    light: LightProfile | None

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the field in mm."""
        return self.width_px / self.px_per_mm, self.height_px / self.px_per_mm


def profile_names() -> tuple[str, ...]:
    """Names of the profiles that come with the station."""
    folder = resources.files("firmware_config.rigs")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def load_profile(name: str) -> RigProfile:
    """The profile of this name, or from this path if it ends in .toml. Raises SettingsError."""
    if name.endswith(".toml"):
        path = Path(name).expanduser()
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"Rig profile {path}: the file cannot be read: {error}.") from error
        return parse_profile(text, str(path))
    if name not in profile_names():
        raise SettingsError(
            f"Rig profile {name!r}: there is none of this name; there are {', '.join(profile_names())}."
        )
    text = (resources.files("firmware_config.rigs") / f"{name}.toml").read_text(encoding="utf-8")
    return parse_profile(text, f"{name}.toml")


def parse_profile(text: str, place: str) -> RigProfile:
    """The profile in this TOML text; `place` names it in errors. Raises SettingsError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"Rig profile {place}: not a valid TOML file: {error}.") from error
    for key in data:
        if key not in _TABLES and key not in _TEXTS:
            raise SettingsError(f"Rig profile {place}, key {key}: there is no such key.")
    texts = {key: _text(data, key, place) for key in _TEXTS}
    tables = {table: _table(data.get(table, {}), table, place) for table in _TABLES}
    camera, light = tables["camera"], tables["light"]
    for key in _TABLES["camera"]:
        if key not in camera:
            raise SettingsError(f"Rig profile {place}, key camera.{key}: missing.")
    if light and set(light) != set(_TABLES["light"]):
        raise SettingsError(f"Rig profile {place}, table light: needs {', '.join(_TABLES['light'])}, or leave it out.")
    return RigProfile(
        id=texts["id"],
        name=texts["name"],
        note=texts["note"],
        **camera,
        controls=Controls(**tables["controls"]),
        light=LightProfile(**light) if light else None,
    )


def _text(data: Mapping[str, Any], key: str, place: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or (not value and key != "note"):
        raise SettingsError(f"Rig profile {place}, key {key}: needs a text.")
    return value


def _table(content: object, table: str, place: str) -> dict[str, Any]:
    """A table's values, checked against its ranges."""
    if not isinstance(content, dict):
        raise SettingsError(f"Rig profile {place}: {table} must be a table.")
    values: dict[str, Any] = {}
    for key, value in content.items():
        where = f"Rig profile {place}, key {table}.{key}"
        if key not in _TABLES[table]:
            raise SettingsError(f"{where}: there is no such key.")
        low, high = _TABLES[table][key]
        numbers = value if key == "colour_gains" else [value]
        if not isinstance(numbers, list) or (key == "colour_gains" and len(numbers) != 2):
            raise SettingsError(f"{where}: needs two numbers, the gains of red and blue.")
        for number in numbers:
            kind = int if key in _WHOLE else (int, float)
            if isinstance(number, bool) or not isinstance(number, kind) or math.isnan(number):
                raise SettingsError(f"{where}: {number!r} is not a {'whole ' if key in _WHOLE else ''}number.")
            if not low <= number <= high:
                raise SettingsError(f"{where}: {number!r} is out of range; allowed is {low:g} to {high:g}.")
        if key == "colour_gains":
            values[key] = (float(numbers[0]), float(numbers[1]))
        else:
            values[key] = value if key in _WHOLE else float(value)
    return values
