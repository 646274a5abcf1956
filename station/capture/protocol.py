"""The protocol of a visit: which sites, how to find them, how often, under which light, and with what weight."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from station.errors import NotFoundError, UsageError
from station.values import Lamp

STANDARD = "macro-8"
"""What new series begin with, in its newest version."""

FACE = "face"
_FOLDER = "station.capture.protocols"


@dataclass(frozen=True, slots=True)
class Measure:
    """A distance on a person's head that is measured once and kept, in cm. what: from where to where."""

    what: str
    usual_cm: float
    least_cm: float
    most_cm: float


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place on every head that sites are found from."""

    id: str
    find: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place on the scalp.

    head_x, head_y: on the head chart seen from above, nose at the top, 0 to 1; find: how to find it; weight: in the
    visit's mean, relative to the other sites; measure: the person's own distance that it is found by, if any.
    """

    id: str
    name: str
    head_x: float
    head_y: float
    weight: float
    find: str
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class GlobalView:
    """A view of the whole head, for the record. mask: "face" where the face is in it, otherwise "none"."""

    id: str
    name: str
    mask: str
    find: str

    @property
    def shows_face(self) -> bool:
        return self.mask == FACE


@dataclass(frozen=True, slots=True)
class Protocol:
    """A versioned list of sites. A visit names the one it was recorded with, and keeps it.

    lamps: what is lit for a frame that is counted; optional_lamps: for further pictures of a site, which are not
    counted; abandoned_after_min: minutes after which a visit that nobody goes on with counts as left.
    """

    name: str
    version: int
    title: str
    frames_baseline: int
    frames_later: int
    sites: tuple[Site, ...]
    lamps: tuple[Lamp, ...] = (Lamp.CROSS,)
    optional_lamps: tuple[Lamp, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    views: tuple[GlobalView, ...] = ()
    abandoned_after_min: int = 20

    @property
    def id(self) -> str:
        """What a visit's record names: "macro-8/1"."""
        return f"{self.name}/{self.version}"

    def frames(self, visit: int) -> int:
        """Photographs per site at this visit; visit 1 is the baseline."""
        return self.frames_baseline if visit == 1 else self.frames_later

    def weights(self) -> dict[str, float]:
        """Weight of each site in the visit's mean; they add up to 1."""
        total = sum(site.weight for site in self.sites)
        return {site.id: site.weight / total for site in self.sites}

    def site(self, name: str) -> Site:
        """Raises UsageError for a site that the protocol does not have."""
        for site in self.sites:
            if site.id == name:
                return site
        known = ", ".join(site.id for site in self.sites)
        raise UsageError(f"Site {name!r}: protocol {self.id} has no such site; it has {known}.")

    def view(self, name: str) -> GlobalView:
        """Raises UsageError for a global view that the protocol does not have."""
        for view in self.views:
            if view.id == name:
                return view
        known = ", ".join(view.id for view in self.views) or "none"
        raise UsageError(f"View {name!r}: protocol {self.id} has no such view; it has {known}.")


@functools.cache
def load_protocol(name: str = STANDARD) -> Protocol:
    """A protocol that comes with the station, by its id ("macro-8/1") or, in its newest version, by its name
    ("macro-8"). Every version that visits were ever recorded with can be read. Raises NotFoundError."""
    stem, _, version = name.partition("/")
    versions = dict(_versions(stem))
    if not versions:
        raise NotFoundError(f"There is no capture protocol {name!r}.")
    wanted = version or str(max(map(int, versions)))
    if wanted not in versions:
        raise NotFoundError(f"There is no version {version} of capture protocol {stem!r}.")
    return _read(versions[wanted])


def protocol_ids() -> tuple[str, ...]:
    """Every protocol that comes with the station, in every version: "macro-8/1", "macro-8/2"."""
    folder = resources.files(_FOLDER)
    stems = sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    return tuple("/".join(stem.rsplit("-", 1)) for stem in stems)


def _versions(stem: str) -> Iterator[tuple[str, str]]:
    """The versions of a protocol with the names of their files."""
    for known in protocol_ids():
        name, version = known.split("/")
        if name == stem:
            yield version, f"{name}-{version}.toml"


def _read(file: str) -> Protocol:
    data = tomllib.loads((resources.files(_FOLDER) / file).read_text(encoding="utf-8"))
    return Protocol(
        name=data["id"],
        version=data["version"],
        title=data["name"],
        frames_baseline=data["frames_baseline"],
        frames_later=data["frames_later"],
        sites=tuple(_site(site) for site in data["sites"]),
        lamps=tuple(Lamp(each) for each in data.get("lamps", [Lamp.CROSS])),
        optional_lamps=tuple(Lamp(each) for each in data.get("optional_lamps", [])),
        landmarks=tuple(Landmark(**each) for each in data.get("landmarks", [])),
        views=tuple(GlobalView(**each) for each in data.get("views", [])),
        abandoned_after_min=data.get("abandoned_after_min", 20),
    )


def _site(content: dict[str, Any]) -> Site:
    measure = content.pop("measure", None)
    return Site(**content, measure=None if measure is None else Measure(**measure))
