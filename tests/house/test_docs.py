"""Documentation cannot lag: a command, an option or a setting without a word in docs/ fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from station.cli import main
from station.settings import all_settings


def commands(group: click.Command, path: str = "station") -> Iterator[tuple[str, click.Command]]:
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, f"{path} {name}")
    else:
        yield path, group


@pytest.fixture(scope="module")
def sections(root: Path) -> dict[str, str]:
    """docs/commands.md by its headings, each of which is a command."""
    text = (root / "docs" / "commands.md").read_text("utf-8")
    parts = re.split(r"(?m)^## `([^`]+)`$", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_and_option_is_documented(sections: dict[str, str]) -> None:
    found = dict(commands(main))
    assert set(sections) == set(found)
    missing = []
    for path, command in found.items():
        for parameter in command.params:
            names = [max(parameter.opts, key=len)] if isinstance(parameter, click.Option) else []
            missing += [f"{path} {name}" for name in names if f"`{name}" not in sections[path]]
    assert missing == []


def test_every_command_and_option_has_help() -> None:
    for path, command in commands(main):
        assert command.help, f"{path} has no help"
        silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
        assert silent == [], f"{path}: options without help"


def test_every_setting_is_documented_with_its_facts(root: Path) -> None:
    text = (root / "docs" / "settings.md").read_text("utf-8")
    rows = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}
    assert set(rows) == {setting.key for setting in all_settings()}
    for setting in all_settings():
        default = str(setting.default).lower() if setting.type is bool else str(setting.default) or "empty"
        for fact in (default, setting.allowed, setting.unit, setting.sentence):
            assert fact in rows[setting.key], f"{setting.key}: {fact!r} is not in its row"


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    files = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").glob("*.md"))]
    assert len(files) > 8
    for file in files:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", file.read_text("utf-8")):
            if "://" not in target:
                assert (file.parent / target).exists(), f"{file.name} links to {target}"


def test_readme_names_the_two_commands_and_links_the_documents(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    first_block = re.search(r"```\w*\n(.*?)```", text, flags=re.DOTALL)
    assert first_block is not None
    assert "./run demo" in first_block[1]
    assert "./run test" in first_block[1]
    names = {file.name for file in (root / "docs").glob("*.md")}
    assert {"users.md", "staff.md", "installers.md", "developers.md", "commands.md", "settings.md"} <= names
    assert {name for name in names if f"(docs/{name})" not in text} == set()


def test_pictures_in_documents_are_small_and_each_is_shown(root: Path) -> None:
    folder = root / "docs" / "renderer"
    text = (root / "docs" / "renderer.md").read_text(encoding="utf-8")
    pictures = sorted(folder.iterdir())
    assert 1 <= len(pictures) <= 8
    for picture in pictures:
        assert picture.stat().st_size < 60_000
        assert f"(renderer/{picture.name})" in text
