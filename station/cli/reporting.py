"""What commands that go through photographs share: which files, progress, and what is said about each."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from station.errors import ImageError, StationError, UsageError
from station.imaging import photographs_in
from station.names import escaped, readable


def photographs_of(images: tuple[Path, ...]) -> tuple[list[Path], list[ImageError]]:
    """The files to work on, each once, and an error for each folder without photographs."""
    for path in images:
        try:
            path.stat()
        except OSError as error:
            problem = f"cannot be opened ({error.strerror})"
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                problem = "does not exist"
            raise UsageError(f"{path} {problem}: give photographs or folders.") from error
    found: dict[Path, None] = {}
    errors: list[ImageError] = []
    for path in images:
        if not path.is_dir():
            found[path] = None
            continue
        try:
            found.update(dict.fromkeys(photographs_in(path)))
        except ImageError as error:
            errors.append(error)
    return list(found), errors


def shown_name(path: Path) -> str:
    """A file's name in a table."""
    return escaped(readable(path))


@dataclass(slots=True)
class Report:
    """Results on stdout, failures on stderr; kept back while a progress bar stands on the same terminal."""

    as_json: bool
    paths: list[Path]
    label: str
    failed: int = 0
    headed: bool = False
    _shows_bar: bool = False
    _kept: list[tuple[str, bool]] = field(default_factory=list)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Iterable[Path]]:
        """The paths one by one, with a progress bar on stderr when it is a terminal; then what was kept back."""
        try:
            self._shows_bar = len(self.paths) > 1 and sys.stderr.isatty()
            if self._shows_bar:
                with click.progressbar(self.paths, label=self.label, file=sys.stderr, show_pos=True) as bar:
                    yield bar
            else:
                yield self.paths
        finally:
            self._shows_bar = False
            for text, err in self._kept:
                click.echo(text, err=err)
            self._kept.clear()

    @property
    def name_width(self) -> int:
        """Width of the column of names."""
        return max(len(shown_name(each)) for each in self.paths)

    def failure(self, error: StationError) -> None:
        self.failed += 1
        self.say(f"Error: {error.operator}", err=True)

    def say(self, text: str, *, err: bool = False) -> None:
        text = escaped(text)
        if self._shows_bar:
            self._kept.append((text, err))
        else:
            click.echo(text, err=err)
