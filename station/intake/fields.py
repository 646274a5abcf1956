"""The fields of a form, read one by one: every fault is collected with a sentence, and nothing vanishes silently."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from station.errors import RefusedEntryError
from station.intake.dates import read_date
from station.intake.digits import read_number, write_number

NOTE_BYTES = 1_000_000
"""The longest note, in bytes of UTF-8."""
FIRST_DAY = dt.date(1900, 1, 1)
"""No date of a living person's record lies before it."""
YEARS_AHEAD = 10
"""A plan further ahead is taken for a slip of the year."""

_EMPTY = "This is needed. Please fill it in."
_YES = frozenset({"yes", "true", "on", "1"})
_NO = frozenset({"no", "false", "off", "0"})
T = TypeVar("T")
Fields = Mapping[str, str | Sequence[str]]
"""Raw text by field name; a sequence where a field was sent repeatedly."""


def present(value: T | None) -> T:
    """A required value after `Form.done`, which has raised already if it was missing."""
    if value is None:
        raise RuntimeError("A required field was not read with required=True, or Form.done was not called.")
    return value


class Form:
    """One form as it was sent: its readers return None or an empty text for what is missing or at fault.

    today: where the person stands; born: no date may lie before it; confirmed: odd values were asked about and are
    right. Read every field that the form may have, then call `done`: it raises with all faults at once, and refuses
    fields that nobody read.
    """

    def __init__(
        self,
        fields: Fields,
        *,
        today: dt.date,
        born: dt.date | None = None,
        confirmed: bool = False,
    ) -> None:
        self._fields = fields
        self._today = today
        self._born = born
        self._confirmed = confirmed
        self._read: set[str] = set()
        self._faults: dict[str, str] = {}
        self._odd: set[str] = set()

    def refuse(self, name: str, sentence: str) -> None:
        """Note a fault; a field keeps its first one."""
        self._faults.setdefault(name, sentence)

    def ask(self, name: str, sentence: str) -> None:
        """Note that a value is odd; it passes once the person has confirmed it."""
        if not self._confirmed and name not in self._faults:
            self._faults[name] = f"{sentence} If it is right, confirm it."
            self._odd.add(name)

    def done(self) -> None:
        """Raise RefusedEntryError with every field at fault, if there is one."""
        for name in self._fields:
            if name not in self._read:
                self.refuse(name, "The station knows no such field here. Check its name; nothing was stored.")
        if self._faults:
            raise RefusedEntryError(self._faults, odd=self._odd)

    def text(self, name: str, *, required: bool = False, max_length: int = 200) -> str:
        """One line of text in any script, without the space around it. max_length: characters."""
        text = self._one(name).strip()
        if len(text) > max_length:
            self.refuse(name, f"This is longer than {max_length} characters. Shorten it, or use the note.")
        elif any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
            self.refuse(name, "This holds a character that is no text. Type it again in one line.")
        else:
            return self._needed(name, text, required)
        return ""

    def note(self, name: str = "note") -> str:
        """Text of several lines in any script, word for word, up to `NOTE_BYTES`."""
        text = self._one(name)
        if any(_steers(letter) for letter in text):
            self.refuse(name, "This holds a character that is no text. Type it again, or leave that part out.")
        elif len(text.encode()) > NOTE_BYTES:
            self.refuse(name, "This is longer than a note can be (1 MB). Shorten it, or spread it over several notes.")
        else:
            return text
        return ""

    def date(self, name: str, *, required: bool = False, future: bool = False) -> dt.date | None:
        """A calendar date from birth, or from 1900, to today; future: up to `YEARS_AHEAD` years ahead."""
        text = self._needed(name, self._one(name).strip(), required)
        if not text:
            return None
        try:
            date = read_date(text)
        except ValueError as fault:
            self.refuse(name, str(fault))
            return None
        if date < FIRST_DAY:
            self.refuse(name, "This is before 1900. Check the year.")
        elif self._born and date < self._born:
            self.refuse(name, f"This is before the date of birth on record ({self._born}). Check both dates.")
        elif date > self._today and not future:
            self.refuse(name, "This date is in the future. Check it, or enter it when the day has come.")
        elif date.year > self._today.year + YEARS_AHEAD:
            self.refuse(name, f"This is more than {YEARS_AHEAD} years ahead. Check the year.")
        else:
            return date
        return None

    def number(self, name: str, low: float, high: float, *, required: bool = False, unit: str = "") -> float | None:
        """A number from low to high, both included, with a decimal comma or point. unit: named in the refusal."""
        text = self._needed(name, self._one(name).strip(), required)
        if not text:
            return None
        try:
            number = read_number(text)
        except ValueError as fault:
            self.refuse(name, str(fault))
            return None
        if not low <= number <= high:
            span = f"{write_number(low)} to {write_number(high)} {unit}".rstrip()
            self.refuse(name, f"This must be from {span}. Check the number{' and its unit' if unit else ''}.")
            return None
        return number

    def whole(self, name: str, low: int, high: int, *, required: bool = False) -> int | None:
        """A whole number from low to high, both included."""
        number = self.number(name, low, high, required=required)
        if number is None:
            return None
        if number != int(number):
            self.refuse(name, "This must be a whole number, without decimals.")
            return None
        return int(number)

    def choice(self, name: str, allowed: Iterable[str], *, required: bool = False) -> str:
        """One word of a list, for example the members of a StrEnum."""
        word = self._needed(name, self._one(name).strip(), required)
        words = [str(each) for each in allowed]
        if word and word not in words:
            self.refuse(name, f"Choose one of: {', '.join(words)}.")
            return ""
        return word

    def many(self, name: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Words of a list, separated by commas or sent repeatedly; in the order of the list, each once."""
        given = {word.strip() for value in self._all(name) for word in value.split(",")} - {""}
        words = [str(each) for each in allowed]
        if not given <= set(words):
            self.refuse(name, f"Choose from: {', '.join(words)}.")
            return ()
        return tuple(word for word in words if word in given)

    def yes_no(self, name: str) -> bool | None:
        """True, False, or None where it was not answered."""
        word = self._one(name).strip().casefold()
        if word in _YES:
            return True
        if word in _NO:
            return False
        if word:
            self.refuse(name, "Answer with yes or no, or leave it empty.")
        return None

    def _all(self, name: str) -> list[str]:
        self._read.add(name)
        value = self._fields.get(name, "")
        return [value] if isinstance(value, str) else list(value)

    def _one(self, name: str) -> str:
        values = self._all(name)
        if len(values) > 1:
            self.refuse(name, "This was sent more than once. Fill it in once.")
        return values[0] if len(values) == 1 else ""

    def _needed(self, name: str, text: str, required: bool) -> str:
        if required and not text:
            self.refuse(name, _EMPTY)
        return text


def _steers(letter: str) -> bool:
    """Control characters other than tab and the ends of lines, and halves of characters that no file can hold."""
    return letter not in "\n\r\t" and unicodedata.category(letter) in ("Cc", "Cs")
