"""Addresses of static files that carry a digest of their content, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DIGITS = 12


@dataclass(frozen=True, slots=True)
class Assets:
    """Digests of the static files. digests: path below the static folder to the first digits of its SHA-256."""

    prefix: str
    digests: Mapping[str, str]

    @classmethod
    def of_folder(cls, folder: Path, prefix: str) -> Assets:
        """Read the folder once. prefix: the address under which it is served, "/static"."""
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return cls(prefix, {path.relative_to(folder).as_posix(): _digest(path) for path in files})

    def url(self, name: str) -> str:
        """Address of a file, KeyError for one that does not exist: a misspelt name fails in the first test."""
        return f"{self.prefix}/{name}?v={self.digests[name]}"

    def is_current(self, path: str, digest: str) -> bool:
        """Whether an address names the file's present content."""
        name = path.removeprefix(f"{self.prefix}/")
        return bool(digest) and self.digests.get(name) == digest


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS]
