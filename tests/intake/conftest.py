"""What every reader of a form is tried with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from station.errors import RefusedEntryError

TODAY = dt.date(2026, 7, 28)
BORN = dt.date(1980, 5, 1)


@pytest.fixture(scope="session")
def read() -> Callable[..., Any]:
    """Reads a form on `TODAY` for a person born on `BORN`."""

    def reading(reader: Callable[..., Any], confirmed: bool = False, /, **fields: str) -> Any:
        return reader(fields, today=TODAY, born=BORN, confirmed=confirmed)

    return reading


@pytest.fixture(scope="session")
def refused(read: Callable[..., Any]) -> Callable[..., dict[str, str]]:
    """The sentences that a form is refused with, by field."""

    def refusing(reader: Callable[..., Any], /, **fields: str) -> dict[str, str]:
        with pytest.raises(RefusedEntryError) as error:
            read(reader, **fields)
        return error.value.fields

    return refusing
