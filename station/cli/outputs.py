"""Where commands write maps and points: checked before the work, whole or not there after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from station.errors import StorageError, UsageError
from station.imaging import SUFFIXES, check_writable, write_durably
from station.names import escaped

MAP_BYTES = 4_000_000
"""A map of 1800 px a side over a noisy photograph has 3 to 4 MB."""

POINTS_BYTES = 32_000
"""Points of one photograph of the reference rig: about 1500 hairs and 700 units of 16 bytes."""


def check_outputs(paths: list[Path], map_path: Path | None, points_path: Path | None) -> None:
    """Refuse outputs that would take the place of a photograph or of each other, and points that find no room."""
    if map_path and map_path.suffix.lower() in SUFFIXES - {".png"} and not map_path.is_dir():
        raise UsageError(f"--map {map_path}: maps are written as PNG; give a name that ends in .png, or a folder.")
    photographs = {path.resolve() for path in paths}
    taken: Path | None = None
    for option, target in (("--map", map_path), ("--points", points_path)):
        if target is None:
            continue
        if target.resolve() in photographs:
            raise UsageError(f"{option} {target} would overwrite the photograph: give another name.")
        if target.resolve() == taken:
            raise UsageError(f"--map and --points both name {target}: give two names.")
        taken = target.resolve()


def map_files(
    images: tuple[Path, ...], paths: list[Path], target: Path | None, kind: str = "density"
) -> dict[Path, Path]:
    """Where each photograph's map goes: `target` itself for one image, otherwise one file each in the folder.

    kind: what such a file is called after the photograph's name.
    """
    if target is None:
        return {}
    one = len(images) == 1 and not images[0].is_dir()
    if target.suffix.lower() == ".png" and not target.is_dir():
        if not one:
            raise UsageError(f"--map {target} is one file for several images: give a folder.")
        check_writable(target, MAP_BYTES)
        return dict.fromkeys(paths, target)
    if one and target.suffix and not target.exists():
        raise UsageError(f"--map {target}: give a name that ends in .png, or a folder, whose name has no ending.")
    _make_folder(target)
    files: dict[Path, Path] = {}
    for path in paths:
        name, number = f"{path.stem}-{kind}", 1
        while (file := target / f"{name}.png") in files.values() or file.resolve() == path.resolve():
            number += 1
            name = f"{path.stem}-{kind}-{number}"
        files[path] = file
    for file in list(files.values())[:1]:
        check_writable(file, MAP_BYTES)
    return files


def _make_folder(target: Path) -> None:
    reason = ""
    try:
        target.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        reason = "something that is no folder has this name"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise StorageError(f"The folder {target} cannot be made ({reason}): choose another for --map.")


@contextmanager
def points_written(target: Path | None, photographs: int) -> Iterator[list[str]]:
    """Lines that are written to `target` when the block ends, also when it ends early.

    When no photograph could be measured no file is left, not even an older one: it would pass for this run's. Raises
    StorageError, before the block when lines of so many photographs would find no room.
    """
    lines: list[str] = []
    if target is None:
        yield lines
        return
    check_writable(target, POINTS_BYTES * max(1, photographs))
    try:
        yield lines
    except BaseException:
        if lines:  # nothing measured and interrupted: perhaps it was the wrong name, so an older file stays
            write_durably(target, "".join(lines).encode())
        raise
    if lines:
        write_durably(target, "".join(lines).encode())
    elif target.exists():
        target.resolve().unlink()
        click.echo(escaped(f"{target} was of an earlier run and is removed: no image could be measured."), err=True)
