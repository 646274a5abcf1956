"""What the reader of an answer gets: its language, and whether sentences that interpret are among it.

The language is what the reader chose, otherwise what the setting `pages.language` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, redirect, request
from flask_babel import Babel, get_locale  # type: ignore[import-untyped]  # has no type information
from werkzeug.wrappers import Response

from station.errors import UsageError
from station.trends.sentences import DOMAIN, LANGUAGES, LOCALES, Sentence, shown

AUTO = "auto"
COOKIE = "lang"
NAMES = (("en", "English"), ("de", "Deutsch"))
"""The languages by the names that their readers know them by."""

KEPT_S = 365 * 24 * 3600
LANGUAGE = "STATION_LANGUAGE"
INTERPRETATION = "STATION_INTERPRETATION"
"""Keys of the settings in the application's configuration."""

blueprint = Blueprint("language", __name__)


def register(app: Flask, setting: str, *, interpretation: bool) -> None:
    """Choose the language of each answer. setting: "en", "de", or "auto" for what the browser prefers.

    interpretation: the setting `text.interpretation`; without it sentences that interpret are left out.
    """
    app.config[LANGUAGE] = setting
    app.config[INTERPRETATION] = interpretation
    Babel(
        app,
        configure_jinja=False,
        default_domain=DOMAIN,
        default_translation_directories=str(LOCALES),
        locale_selector=_chosen,
    )
    app.register_blueprint(blueprint)


def language() -> str:
    """The language of the answer under way; English outside of one."""
    locale = get_locale()
    return LANGUAGES[0] if locale is None else str(locale)


def said(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """The sentences that may be shown, in the language of the answer under way."""
    kept = shown(sentences, interpretation=current_app.config[INTERPRETATION])
    return tuple(sentence.text(language()) for sentence in kept)


def told(sentence: Sentence) -> str:
    """A sentence in the language of the answer under way."""
    return sentence.text(language())


@blueprint.get("/language/<wanted>")
def choose(wanted: str) -> Response:
    """Remember the reader's language in a cookie, which says nothing else, and go back to the page `back`."""
    if wanted not in LANGUAGES:
        raise UsageError(f"language {wanted[:20]!r}", person=f"{wanted[:20]}: {', '.join(LANGUAGES)}")
    answer = redirect(own_path(request.args.get("back", "/")), 303)
    answer.set_cookie(COOKIE, wanted, max_age=KEPT_S, httponly=True, samesite="Lax")
    return answer


def _chosen() -> str:
    cookie = request.cookies.get(COOKIE, "")
    if cookie in LANGUAGES:
        return cookie
    setting: str = current_app.config[LANGUAGE]
    if setting == AUTO:
        return request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0])
    return setting


def own_path(back: str) -> str:
    r"""The path, if it is one of the station's own: "//host" and "/\host" lead elsewhere."""
    parts = urlsplit(back)
    own = back.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in back and back.isprintable()
    return back if own else "/"
