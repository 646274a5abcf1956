"""docs/requirements.md lists every requirement of the brief with where it lives and the tests that show it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SUBS = {6: "abcdefg", 21: "abcd", 34: "abcdef"}
REQUIREMENTS = frozenset(f"REQ-{number:02d}{letter}" for number in range(1, 46) for letter in SUBS.get(number, ("",)))
NEEDS_NOTHING = {"REQ-45"}
ROW = re.compile(r"^\| (REQ-\d\d[a-g]?) \| (.+?) \| (.*?) \| (.*?) \|$", flags=re.MULTILINE)


@pytest.fixture(scope="module")
def rows(root: Path) -> dict[str, tuple[str, list[str], list[str]]]:
    """By requirement: what it asks, the files where it lives, the tests that show it."""
    text = (root / "docs" / "requirements.md").read_text("utf-8")
    return {
        match[1]: (match[2], re.findall(r"`([^`]+)`", match[3]), re.findall(r"`([^`]+)`", match[4]))
        for match in ROW.finditer(text)
    }


def named_by_tests(file: Path) -> set[str]:
    """The requirements that a test file's marks name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.req":
            found |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def test_the_list_is_complete(rows: dict[str, tuple[str, list[str], list[str]]]) -> None:
    assert set(rows) == REQUIREMENTS


def test_the_list_here_is_the_briefs(root: Path) -> None:
    source = root.parent / "shared" / "domain" / "01-requirements.md"
    if not source.exists():
        pytest.skip("the domain reference is not beside the checkout")
    named = set(re.findall(r"^\| (REQ-\d\d[a-g]?) \|", source.read_text("utf-8"), flags=re.MULTILINE))
    assert named == REQUIREMENTS


def test_every_requirement_lives_somewhere_and_is_shown(
    root: Path, rows: dict[str, tuple[str, list[str], list[str]]]
) -> None:
    shown = {str(file.relative_to(root)): named_by_tests(file) for file in sorted((root / "tests").rglob("test_*.py"))}
    faults = []
    for requirement, (_, places, tests) in rows.items():
        if requirement in NEEDS_NOTHING:
            continue
        faults += [f"{requirement}: no place is named"] if not places else []
        faults += [f"{requirement}: there is no {place}" for place in places if not (root / place).exists()]
        faults += [f"{requirement}: no test is named"] if not tests else []
        faults += [
            f"{requirement}: {test} does not name it" for test in tests if requirement not in shown.get(test, ())
        ]
        actual = {test for test, ids in shown.items() if requirement in ids}
        faults += [f"{requirement}: {test} is missing from its row" for test in sorted(actual - set(tests))]
    unknown = {requirement for ids in shown.values() for requirement in ids} - REQUIREMENTS
    assert faults + sorted(unknown) == []
