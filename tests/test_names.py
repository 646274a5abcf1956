"""File names as text: ordinary ones stay as they are, others become harmless."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.names import escaped, readable


@pytest.mark.parametrize("name", ["a.jpg", "Häuser 2/über.png", "頭皮.jpg", 'it\'s "here"', "back\\slash"])
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert readable(name) == readable(Path(name)) == name
    assert escaped(name) == name


@given(st.binary(min_size=1, max_size=40))
def test_any_bytes_become_valid_text(name: bytes) -> None:
    text = readable(os.fsdecode(name))
    assert text.encode() == text.encode("utf-8", "strict")
    assert readable(text) == text


@given(st.text(max_size=40))
def test_escaped_text_stays_on_one_line_and_steers_nothing(text: str) -> None:
    shown = escaped(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)


def test_what_would_steer_a_terminal_is_spelt_out() -> None:
    assert escaped("a\x1b[2Jb\nc\x9b\u202e\udcff.jpg") == "a\\x1b[2Jb\\x0ac\\x9b\\u202e\\udcff.jpg"
    assert readable(os.fsdecode(b"a\xff.jpg")) == "a\\xff.jpg"
