"""Typed settings: each has a unit, a range, a default and a sentence.

Three layers, the later one wins: the defaults below, a TOML file, and the environment. A setting `server.port` is
`port` in the file's table `[server]`, `STATION_SERVER_PORT` in the environment and `Settings.server_port` in code.
An unknown key or a value out of range is refused with the place and the reason; nothing is ever clamped.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from station.errors import SettingsError

ENVIRONMENT_PREFIX = "STATION_"
CONFIG_VARIABLE = "STATION_CONFIG"
"""Names the settings file; the only STATION_ variable that is not itself a setting."""

SYSTEM_FILE = Path("/etc/station/station.toml")
"""Read when no other settings file is named and it exists."""

Value = str | int | float | bool | Path


@dataclass(frozen=True, slots=True)
class Setting:
    """Description of one setting, for `station settings`, the documentation and the checks.

    type: str, int, float, bool or Path; low and high: the inclusive range of a number; choices: the allowed words;
    unit: "" where there is none; sentence: what it does.
    """

    key: str
    type: type
    default: Value
    sentence: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def attribute(self) -> str:
        """Name in `Settings`."""
        return self.key.replace(".", "_")

    @property
    def variable(self) -> str:
        """Name in the environment."""
        return ENVIRONMENT_PREFIX + self.attribute.upper()

    @property
    def allowed(self) -> str:
        """The range or the choices, as text."""
        if self.choices:
            return ", ".join(self.choices)
        if self.type is bool:
            return "true, false"
        if self.low is None and self.high is None:
            return "a path" if self.type is Path else "text"
        return f"{self.low:g} to {self.high:g}"


def _about(
    key: str,
    sentence: str,
    *,
    unit: str = "",
    span: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
) -> dict[str, Any]:
    low, high = span if span else (None, None)
    return {"key": key, "sentence": sentence, "unit": unit, "low": low, "high": high, "choices": choices}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the station with their values. Make one with `load`."""

    data_folder: Path = field(
        default=Path("~/.local/share/station/data"),
        metadata=_about("data.folder", "Folder of the database and the photographs."),
    )
    demo_folder: Path = field(
        default=Path("~/.local/share/station/demo"),
        metadata=_about("demo.folder", "Folder of the demonstration, apart from real data."),
    )
    demo_seed: int = field(
        default=7, metadata=_about("demo.seed", "Which simulated person the demonstration shows.", span=(0, 2**31 - 1))
    )
    demo_scenario: str = field(
        default="b12-recovery",
        metadata=_about(
            "demo.scenario",
            "What happens to the hair and the blood values of the demonstration's simulated person over the year.",
            choices=("b12-recovery", "healthy", "no-change", "pattern-loss", "seasonal-shedding"),
        ),
    )
    site_hemisphere: str = field(
        default="north",
        metadata=_about(
            "site.hemisphere",
            "Where the station stands: the yearly course of hair shedding is shifted by half a year in the south.",
            choices=("north", "south"),
        ),
    )
    labs_threshold_set: str = field(
        default="brief",
        metadata=_about(
            "labs.threshold_set",
            "Which set of limits is shown beside blood values. It is named beside every band, and changing it changes "
            "nothing on record.",
            choices=("brief", "ng239", "as-printed"),
        ),
    )
    pages_language: str = field(
        default="en",
        metadata=_about(
            "pages.language",
            "Language of the pages until the reader chooses another; auto takes the one that the browser prefers.",
            choices=("en", "de", "auto"),
        ),
    )
    text_interpretation: bool = field(
        default=True,
        metadata=_about(
            "text.interpretation",
            "Show sentences on what a finding may mean; without them pages and exports state what was recorded. The "
            "note on urgent care and the disclaimer stay.",
        ),
    )
    rig_profile: str = field(
        default="reference",
        metadata=_about(
            "rig.profile", "Rig profile: the name of one that comes with the station, or the path of a .toml file."
        ),
    )
    camera_driver: str = field(
        default="picamera2",
        metadata=_about(
            "camera.driver",
            "Where photographs come from: the Pi's camera, a folder of photographs, or the simulated world.",
            choices=("picamera2", "replay", "simulated"),
        ),
    )
    camera_timeout_s: float = field(
        default=15.0,
        metadata=_about(
            "camera.timeout_s",
            "How long to wait for one frame before the camera counts as stopped.",
            unit="s",
            span=(1, 120),
        ),
    )
    replay_folder: str = field(
        default="",
        metadata=_about(
            "replay.folder", "Folder of the photographs that the replay camera delivers, in the order of their names."
        ),
    )
    replay_px_per_mm: float = field(
        default=0.0,
        metadata=_about(
            "replay.px_per_mm",
            "Scale of the replayed photographs; 0 takes the rig profile's.",
            unit="px/mm",
            span=(0, 500),
        ),
    )
    replay_cycle: bool = field(
        default=False,
        metadata=_about(
            "replay.cycle", "Begin again after the last replayed photograph instead of stopping with an error."
        ),
    )
    server_host: str = field(
        default="127.0.0.1", metadata=_about("server.host", "Address that the pages are served on.")
    )
    server_port: int = field(
        default=8480,
        metadata=_about("server.port", "Port that the pages are served on; 0 takes a free one.", span=(0, 65535)),
    )
    server_threads: int = field(
        default=8, metadata=_about("server.threads", "Threads that answer page requests.", unit="threads", span=(1, 64))
    )
    live_lamp_limit_s: float = field(
        default=180.0,
        metadata=_about(
            "live.lamp_limit_s", "The live view's lamp goes dark so long after a touch.", unit="s", span=(10, 3600)
        ),
    )
    live_side: str = field(
        default="operator",
        metadata=_about(
            "live.side",
            "Who looks at the live view: operator sees what the camera sees, person a mirror's picture.",
            choices=("operator", "person"),
        ),
    )
    density_model: str = field(
        default="density",
        metadata=_about(
            "density.model",
            "Which network counts: `density` was adapted to real photographs, `density-synthetic` has seen rendered "
            "views alone. Another model starts a new series.",
            choices=("density", "density-synthetic"),
        ),
    )
    engine_backend: str = field(
        default="auto",
        metadata=_about(
            "engine.backend",
            "Run-time of the density network; auto takes the fastest one installed.",
            choices=("auto", "ai-edge-litert", "tflite-runtime"),
        ),
    )
    engine_threads: int = field(
        default=2, metadata=_about("engine.threads", "Threads of the density network.", unit="threads", span=(1, 16))
    )
    calibre_thin_um: float = field(
        default=30.0,
        metadata=_about(
            "calibre.thin_um",
            "Diameter below which a hair counts as thin (vellus); 30, 40 and 45 are in use.",
            unit="um",
            span=(20, 60),
        ),
    )
    image_jpeg_quality: int = field(
        default=95,
        metadata=_about(
            "image.jpeg_quality", "JPEG quality of stored photographs (4:4:4, no chroma subsampling).", span=(80, 100)
        ),
    )
    storage_reserve_mb: int = field(
        default=200,
        metadata=_about(
            "storage.reserve_mb",
            "Free disk space that must remain after a capture; with less, no capture is begun.",
            unit="MB",
            span=(20, 1_000_000),
        ),
    )
    cache_limit_mb: int = field(
        default=500,
        metadata=_about(
            "cache.limit_mb",
            "Retention of derived pictures (sized photographs, map overlays): the oldest go when they exceed this. "
            "Original photographs are always kept.",
            unit="MB",
            span=(10, 100_000),
        ),
    )
    map_max_fu_per_cm2: float = field(
        default=140.0,
        metadata=_about(
            "map.max_fu_per_cm2",
            "Upper end of the density map's colour scale for follicular units, the same for all visits.",
            unit="per cm2",
            span=(20, 400),
        ),
    )
    map_max_hairs_per_cm2: float = field(
        default=280.0,
        metadata=_about(
            "map.max_hairs_per_cm2",
            "Upper end of the density map's colour scale for hairs, the same for all visits.",
            unit="per cm2",
            span=(20, 1000),
        ),
    )


def all_settings() -> tuple[Setting, ...]:
    """Every setting with its description, in the order of the listing."""
    return tuple(_describe())


def _describe() -> Iterator[Setting]:
    hints = get_type_hints(Settings)
    for item in dataclasses.fields(Settings):
        default: Any = item.default
        yield Setting(type=hints[item.name], default=default, **item.metadata)


def load(file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: Value | None) -> Settings:
    """The settings from defaults, a TOML file and the environment.

    file: a settings file; None takes the one named by STATION_CONFIG, else /etc/station/station.toml if it exists.
    environment: `os.environ` by default. overrides: attributes of `Settings` from the command line; None is passed
    over. Raises SettingsError for a file that cannot be read, an unknown key or a value out of range.
    """
    environment = os.environ if environment is None else environment
    known = {setting.key: setting for setting in all_settings()}
    values: dict[str, Value] = {}
    path = _settings_file(file, environment)
    if path is not None:
        for key, value in _read_file(path).items():
            setting = _known(known, key, str(path))
            values[setting.attribute] = _checked(setting, value, f"{path}, key {key}")
    by_variable = {setting.variable: setting for setting in known.values()}
    for name in sorted(environment):
        if not name.startswith(ENVIRONMENT_PREFIX) or name == CONFIG_VARIABLE:
            continue
        if name not in by_variable:
            raise SettingsError(f"Environment variable {name}: there is no such setting; `station settings` lists all.")
        setting = by_variable[name]
        place = f"Environment variable {name}"
        values[setting.attribute] = _checked(setting, _from_text(setting, environment[name], place), place)
    by_attribute = {setting.attribute: setting for setting in known.values()}
    for attribute, override in overrides.items():
        if override is not None:
            setting = by_attribute[attribute]
            values[attribute] = _checked(setting, override, f"Option for {setting.key}")
    for setting in known.values():
        if setting.type is Path:
            given = values.get(setting.attribute, setting.default)
            values[setting.attribute] = Path(str(given)).expanduser()
    return Settings(**values)  # type: ignore[arg-type]  # each value was checked against its field's type above


def _settings_file(file: Path | None, environment: Mapping[str, str]) -> Path | None:
    if file is not None:
        return file
    named = environment.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    return SYSTEM_FILE if SYSTEM_FILE.exists() else None


def _read_file(path: Path) -> dict[str, object]:
    """The file's values under their full keys."""
    try:
        with path.open("rb") as stream:
            tables = tomllib.load(stream)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not a valid TOML file: {error}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not a text file in UTF-8.") from error
    except OSError as error:
        raise SettingsError(f"{path}: the settings file cannot be read: {error.strerror}.") from error
    flat: dict[str, object] = {}
    for table, content in tables.items():
        if isinstance(content, dict):
            flat.update({f"{table}.{key}": value for key, value in content.items()})
        else:
            flat[table] = content
    return flat


def _known(known: Mapping[str, Setting], key: str, place: str) -> Setting:
    if key not in known:
        raise SettingsError(f"{place}, key {key}: there is no such setting; `station settings` lists all.")
    return known[key]


def _from_text(setting: Setting, text: str, place: str) -> Value:
    """The value of an environment variable in the setting's type."""
    try:
        if setting.type is bool:
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]
        if setting.type is int:
            return int(text)
        if setting.type is float:
            return float(text)
    except (ValueError, KeyError):
        raise SettingsError(f"{place}: {text!r} is not {_kind(setting)} ({setting.allowed}).") from None
    return text


def _checked(setting: Setting, value: object, place: str) -> Value:
    """The value if it has the right type and lies in the range; otherwise SettingsError."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    right = {
        bool: isinstance(value, bool),
        int: number and isinstance(value, int),
        float: number,
        str: isinstance(value, str),
        Path: isinstance(value, str | Path) and bool(str(value)),
    }[setting.type]
    if not right:
        raise SettingsError(f"{place}: {value!r} is not {_kind(setting)} ({setting.allowed}).")
    if setting.choices and value not in setting.choices:
        raise SettingsError(f"{place}: {value!r} is not one of {setting.allowed}.")
    if isinstance(value, int | float) and setting.low is not None and setting.high is not None:
        if not setting.low <= value <= setting.high:  # also refuses a NaN
            unit = f" {setting.unit}" if setting.unit else ""
            raise SettingsError(f"{place}: {value!r} is out of range; allowed is {setting.allowed}{unit}.")
        if setting.type is float:
            return float(value)
    return value  # type: ignore[return-value]  # its type was checked above


def _kind(setting: Setting) -> str:
    return {bool: "true or false", int: "a whole number", float: "a number", str: "text", Path: "a path"}[setting.type]
