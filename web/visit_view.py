"""What the pages of a visit show, put together for their templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from station.service.session_views import LEAVE_REASONS, SKIP_REASONS, SessionView, SiteProgress
from station.trends.sentences import Sentence, Terms, say, translated
from web.formats import decimal
from web.headchart import BREADTH, CENTRE_X, LENGTH, TOP
from web.language import language, said
from web.session_text import SESSION
from web.text import TEXT

__all__ = ["LEAVE_REASONS", "SKIP_REASONS", "VisitPage", "visit_page"]

SESSION_KIND, QUICK_KIND = "session", "quick"
THUMBNAIL, PHOTOGRAPH = 320, 800
"""Widths of photographs on the pages, in pixels."""


@dataclass(frozen=True, slots=True)
class HeadMark:
    """A place on the head chart. words: its state for screen readers."""

    site: str
    x: float
    y: float
    state: str
    number: int
    words: str


@dataclass(frozen=True, slots=True)
class VisitPage:
    """What every page of a visit has. kind: "session" or "quick"; trouble: a sentence about what could not be done;
    faults: by question; asks: answers wait to be confirmed."""

    kind: str
    view: SessionView
    marks: tuple[HeadMark, ...]
    trouble: str = ""
    faults: dict[str, str] | None = None
    asks: bool = False
    typed: dict[str, str] | None = None

    @property
    def quick(self) -> bool:
        return self.kind == QUICK_KIND

    @property
    def number(self) -> int:
        """Which of the sites is under the camera, from 1."""
        return next((mark.number for mark in self.marks if mark.state == "now"), 0)

    @property
    def waits(self) -> bool:
        """Whether a photograph is still being counted."""
        return any(taken.state == "captured" for site in self.view.sites for taken in site.taken)

    @property
    def skip_reasons(self) -> tuple[tuple[str, str], ...]:
        return tuple((reason, skip_words(reason)) for reason in SKIP_REASONS)


def visit_page(kind: str, view: SessionView, trouble: str = "") -> VisitPage:
    """The page of a visit as it stands."""
    marks = tuple(
        HeadMark(
            site=site.site,
            x=CENTRE_X + (site.head_x - 0.5) * BREADTH,
            y=TOP + site.head_y * LENGTH,
            state=site.state,
            number=number,
            words=f"{site_name(site)}: {SESSION.states[site.state]}",
        )
        for number, site in enumerate(view.sites, 1)
    )
    return VisitPage(kind, view, marks, trouble)


def site_name(site: SiteProgress) -> str:
    """Name of a site in the reader's language."""
    return TEXT.sites.get(site.site, site.name)


def spoken(text: str) -> str:
    """A text of the protocol in the reader's language."""
    return translated(text, language())


def skip_words(reason: str) -> str:
    """Why a site is left out."""
    return say(f"skip.{reason}").text(language())


def cm(value: float) -> str:
    """A distance as people write it: "5", "5.5"."""
    return decimal(value, 0 if value == round(value) else 1)


def still_open(sites: Iterable[SiteProgress]) -> str:
    """Which sites are neither complete nor left out."""
    return say("session.sites-open", sites=Terms(tuple(f"site.{site.site}" for site in sites))).text(language())


def shown(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """The sentences that may be shown, in the reader's language."""
    return said(sentences)
