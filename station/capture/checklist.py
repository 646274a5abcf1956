"""The checklist before the first photograph: catalogued questions, and what an answer means for the visit."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from station.errors import RefusedEntryError
from station.trends.sentences import Sentence, say


class RefusedAnswersError(RefusedEntryError):
    """Answers that the visit cannot go on with. sentences: by question; `odd`: those that pass once confirmed."""

    def __init__(self, sentences: Mapping[str, Sentence], odd: Iterable[str] = ()) -> None:
        self.sentences = dict(sentences)
        super().__init__({name: sentence.text() for name, sentence in self.sentences.items()}, odd)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. needed: must be answered; keeps: the last visit's answer is offered again; choices: the first one
    is the usual one; stops: answers with which nothing useful can be counted; asks: answers that somebody confirms."""

    id: str
    choices: tuple[str, ...]
    needed: bool = False
    keeps: bool = False
    stops: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()

    @property
    def sentence(self) -> Sentence:
        return say(f"checklist.{self.id}")

    def words(self, choice: str) -> Sentence:
        """An answer in words."""
        return say(f"checklist.{self.id}-{choice}")

    def advice(self, choice: str) -> Sentence | None:
        """What an answer that stops or asks means, and what to do; None for one that does neither."""
        return say(f"checklist.{self.id}-{choice}-advice") if choice in self.stops | self.asks else None


@functools.cache
def questions() -> tuple[Question, ...]:
    """All questions in the order in which they are asked."""
    text = resources.files("station.capture").joinpath("checklist.toml").read_text(encoding="utf-8")
    return tuple(
        Question(
            id=each["id"],
            choices=tuple(each["choices"]),
            needed=each.get("needed", False),
            keeps=each.get("keeps", False),
            stops=frozenset(each.get("stops", ())),
            asks=frozenset(each.get("asks", ())),
        )
        for each in tomllib.loads(text)["questions"]
    )


def usual_answers() -> dict[str, str]:
    """Every question with its usual answer: what the simulated rig says of itself."""
    return {question.id: question.choices[0] for question in questions()}


def advice(answers: Mapping[str, str]) -> tuple[Sentence, ...]:
    """What the answers mean for the visit, in the order of the questions."""
    found = (question.advice(answers.get(question.id, "")) for question in questions())
    return tuple(sentence for sentence in found if sentence is not None)


def read_answers(given: Mapping[str, str], *, confirmed: bool = False) -> tuple[tuple[str, str], ...]:
    """The answers in the order of the questions, without those that were not given.

    confirmed: answers that ask were confirmed. Raises RefusedAnswersError with a sentence for each question at fault:
    one that needs an answer, an answer that is none, one that stops the visit, and one that waits to be confirmed.
    """
    known = {question.id: question for question in questions()}
    faults: dict[str, Sentence] = {
        name: say("session.no-such-question", question=name, known=", ".join(known))
        for name in given
        if name not in known
    }
    odd: list[str] = []
    for question in known.values():
        answer = given.get(question.id, "")
        told = question.advice(answer)
        if not answer:
            if question.needed:
                faults[question.id] = say("session.answer-needed")
        elif answer not in question.choices:
            faults[question.id] = say("session.no-such-answer", answer=answer, known=", ".join(question.choices))
        elif told is not None and (answer in question.stops or not confirmed):
            faults[question.id] = told
            if answer in question.asks:
                odd.append(question.id)
    if faults:
        raise RefusedAnswersError(faults, odd)
    return tuple((question.id, given[question.id]) for question in known.values() if given.get(question.id))
