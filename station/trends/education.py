"""Help pages and the disclaimer, in the order in which they are read (REQ-02, 04, 24, 40, 41, 42).

They say what is known in general, never what a record means, and stay when interpretation is switched off.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.trends.sentences import Sentence, say, texts

DISCLAIMER_VERSION = "disclaimer/1"
"""What an acknowledgement names. Another wording of the disclaimer is another version."""

PAGES = ("b12", "pattern", "recovery", "vegan", "diet", "faq")
DISPUTED = ("b12",)
"""Pages whose facts the sources do not agree on (domain reference 1.9, A1 and A2)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A help page. paragraphs, sources: in their order; disputed: the marker's sentence where sources disagree."""

    id: str
    title: Sentence
    paragraphs: tuple[Sentence, ...]
    sources: tuple[Sentence, ...]
    disputed: Sentence | None = None


def pages() -> tuple[Page, ...]:
    """All help pages."""
    return tuple(
        Page(
            id=page,
            title=say(f"education.{page}-title"),
            paragraphs=_numbered(f"education.{page}-text-"),
            sources=_numbered(f"education.{page}-source-"),
            disputed=say("education.disputed") if page in DISPUTED else None,
        )
        for page in PAGES
    )


def disclaimer() -> tuple[Sentence, ...]:
    """The text that is acknowledged at first start and stands on every result and print (REQ-41)."""
    return (say("disclaimer.text"), say("disclaimer.self"))


def _numbered(prefix: str) -> tuple[Sentence, ...]:
    return tuple(say(key) for key in texts() if key.startswith(prefix))
