"""The model card as HTML: raw HTML is escaped, images are not loaded, and nothing carries a style attribute."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

HEADING_SHIFT = 2
"""The card's "#" becomes h3: the page has its own h1 and h2."""


def render(source: str) -> Markup:
    """Markdown (CommonMark with tables) to HTML that stands under the page's content security policy."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse(source)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1:]) + HEADING_SHIFT)}"
        if token.attrs.pop("style", None) == "text-align:right":
            token.attrJoin("class", "figure")
    return Markup(parser.renderer.render(tokens, parser.options, {}))
