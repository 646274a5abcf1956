"""Findings of the trends as plain data for JSON: nothing that a page says is missing, nothing is worded anew."""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from station.trends.sentences import Sentence, Term, Terms, written


def as_data(value: Any, *, language: str = "en", interpretation: bool = True) -> Any:
    """Dataclasses become objects, enumerations their values (those of integers their names), dates ISO text, numbers
    that are not finite null. A sentence becomes its key and its text; one that interprets becomes null, or leaves its
    list, where interpretation is switched off."""

    def plain(item: Any) -> Any:
        if isinstance(item, Sentence):
            return None if hidden(item) else {"key": item.key, "text": item.text(language)}
        if isinstance(item, Term | Terms):
            return written(item, language)
        if isinstance(item, enum.IntEnum):
            return item.name.lower()
        if isinstance(item, enum.Enum):
            return item.value
        if isinstance(item, dt.date):
            return item.isoformat()
        if isinstance(item, float):
            return item if math.isfinite(item) else None
        if is_dataclass(item) and not isinstance(item, type):
            return {field.name: plain(getattr(item, field.name)) for field in fields(item)}
        if isinstance(item, Mapping):
            return {str(plain(key)): plain(each) for key, each in item.items()}
        if isinstance(item, list | tuple):
            if hasattr(item, "_fields"):  # a NamedTuple has names
                return {name: plain(each) for name, each in zip(item._fields, item, strict=True)}
            return [plain(each) for each in item if not hidden(each)]
        return item

    def hidden(item: Any) -> bool:
        return isinstance(item, Sentence) and item.interpreting and not interpretation

    return plain(value)


def sentences_in(data: Any) -> list[dict[str, str]]:
    """All sentences in data of `as_data`, each once, in the order in which they stand."""
    found: dict[tuple[str, str], dict[str, str]] = {}

    def walk(item: Any) -> None:
        if isinstance(item, dict):
            if item.keys() == {"key", "text"}:
                found.setdefault((item["key"], item["text"]), item)
                return
            for each in item.values():
                walk(each)
        elif isinstance(item, list):
            for each in item:
                walk(each)

    walk(data)
    return list(found.values())
