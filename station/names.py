"""File names as text. A name is bytes on the disk, and may hold what is no text or would steer a terminal."""

from __future__ import annotations

import os
import unicodedata


def readable(name: str | os.PathLike[str]) -> str:
    r"""The name as valid text: bytes that are no UTF-8 stand as \xff. An ordinary name stays as it is."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def escaped(text: str) -> str:
    r"""`text` for one line of a terminal: control characters, which could clear the screen or begin a new line, and
    what is no text at all stand as \x1b or \udcff. Printable text of any script stays as it is."""
    if text.isprintable():
        return text
    return "".join(_backslashed(letter) if _steers(letter) else letter for letter in text)


def _steers(letter: str) -> bool:
    """Control and format characters (Cc, Cf: also those that turn the direction of writing), line ends, surrogates."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _backslashed(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
