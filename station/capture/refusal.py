"""What a visit refuses: an error whose sentence can be told in every language of the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from station.errors import UsageError
from station.trends.sentences import Sentence, Value, say


class VisitError(UsageError):
    """A step of a visit cannot be taken now. sentence: what is the matter and what to do; what: its key, "other-open"
    for "session.other-open"."""

    code: ClassVar[str] = "visit"
    http_status: ClassVar[int] = 409

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text(), person=sentence.text())
        self.sentence = sentence

    @property
    def what(self) -> str:
        return self.sentence.key.partition(".")[2]

    def told(self, language: str) -> str:
        return self.sentence.text(language)


def refuse(what: str, /, **values: Value) -> VisitError:
    """The error for a sentence of the visit: `raise refuse("over")`."""
    return VisitError(replace(say(f"session.{what}"), values=values))
