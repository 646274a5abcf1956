"""The protocol of a visit: which sites, how often, and with what weight."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

from station.errors import NotFoundError, UsageError

STANDARD = "macro-8"
_FOLDER = "station.capture.protocols"


@dataclass(frozen=True, slots=True)
class Site:
    """A place on the scalp.

    head_x, head_y: on the head chart seen from above, nose at the top, 0 to 1; find: how to find it; weight: in the
    visit's mean, relative to the other sites.
    """

    id: str
    name: str
    head_x: float
    head_y: float
    weight: float
    find: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """A versioned list of sites. A visit names the one it was recorded with, and keeps it."""

    name: str
    version: int
    title: str
    frames_baseline: int
    frames_later: int
    sites: tuple[Site, ...]

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


@functools.cache
def load_protocol(name: str = STANDARD) -> Protocol:
    """A protocol that comes with the station, by its name ("macro-8") or its id ("macro-8/1"). Raises NotFoundError."""
    stem, _, version = name.partition("/")
    file = resources.files(_FOLDER) / f"{stem}.toml"
    if not file.is_file():
        raise NotFoundError(f"There is no capture protocol {name!r}.")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    protocol = Protocol(
        name=data["id"],
        version=data["version"],
        title=data["name"],
        frames_baseline=data["frames_baseline"],
        frames_later=data["frames_later"],
        sites=tuple(Site(**site) for site in data["sites"]),
    )
    if version and version != str(protocol.version):
        raise NotFoundError(f"There is no version {version} of capture protocol {stem!r}.")
    return protocol
