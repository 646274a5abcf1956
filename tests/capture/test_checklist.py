"""The questions before the first photograph: what stops a visit, what asks, and that all of it has words."""

from __future__ import annotations

import pytest

from station.capture.checklist import RefusedAnswersError, advice, questions, read_answers, usual_answers
from station.trends.sentences import LANGUAGES


def test_every_question_and_answer_has_words_in_every_language() -> None:
    for question in questions():
        said = [question.sentence, *(question.words(choice) for choice in question.choices)]
        said += [told for choice in question.choices if (told := question.advice(choice)) is not None]
        assert all(sentence.text(language) for sentence in said for language in LANGUAGES)
        assert question.stops | question.asks <= set(question.choices)
        assert question.choices[0] not in question.stops | question.asks, "the usual answer goes through"


def test_the_usual_answers_go_through() -> None:
    answers = read_answers(usual_answers())
    assert [name for name, _ in answers] == [question.id for question in questions()]
    assert advice(dict(answers)) == ()


def test_what_is_needed_is_asked_for() -> None:
    with pytest.raises(RefusedAnswersError) as caught:
        read_answers({"washed": "today"})
    assert set(caught.value.fields) == {"head", "state", "products", "length", "cut", "dye"}
    assert caught.value.odd == frozenset()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"head": "covered"}, "Take it off"),
        ({"state": "wet"}, "Dry it fully"),
        ({"products": "fibres"}, "Wash them out"),
    ],
)
def test_with_a_hat_wet_hair_or_fibres_nothing_is_taken(answer: dict[str, str], words: str) -> None:
    for confirmed in (False, True):
        with pytest.raises(RefusedAnswersError, match=words) as caught:
            read_answers({**usual_answers(), **answer}, confirmed=confirmed)
        assert caught.value.odd == frozenset()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"cut": "shaved"}, "After shaving"),
        ({"length": "shaved"}, "come again in a few days"),
        ({"dye": "darker"}, "Dark hair stands out"),
        ({"dye": "lighter"}, "Light hair stands out"),
        ({"scalp": "wound"}, "Do not press"),
    ],
)
def test_a_shaved_head_or_dyed_hair_is_asked_about_once_and_marked(answer: dict[str, str], words: str) -> None:
    given = {**usual_answers(), **answer}
    with pytest.raises(RefusedAnswersError, match=words) as caught:
        read_answers(given)
    assert caught.value.odd == set(answer)
    assert caught.value.sentences.keys() == answer.keys()
    confirmed = dict(read_answers(given, confirmed=True))
    assert confirmed == given
    assert [words in told.text() for told in advice(confirmed)] == [True]


@pytest.mark.parametrize("given", [{"colour": "red"}, {"state": "soaked"}])
def test_what_is_no_question_or_answer_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(RefusedAnswersError, match="There are: ") as caught:
        read_answers({**usual_answers(), **given}, confirmed=True)
    assert set(caught.value.fields) == set(given)
