"""Markdown that people type, as HTML that cannot do anything: the only renderer of such text.

Raw HTML is shown as it was typed; what the parser makes goes through a list of what may stand.
"""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Final

import nh3
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

_INLINE: Final = {"br", "strong", "em", "s", "code", "a", "span"}
_BLOCKS: Final = {"p", "pre", "blockquote", "ul", "ol", "li", "h3", "hr"}
_TABLES: Final = {"table", "thead", "tbody", "tr", "th", "td"}
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_DEEPEST: Final = 12  # quotes in lists in quotes: deeper is an attack on the reader

_parser = MarkdownIt(
    "commonmark", {"html": False, "breaks": True, "maxNesting": _DEEPEST, "linkify": False}
).enable(["table", "strikethrough"])
_parser.disable(["image", "html_block", "html_inline", "reference"])


def html(text: str, *, also: Callable[[str], str] | None = None) -> SafeString:
    """Typed text as safe HTML; line breaks stay. `also` may mark words up in the result, which
    is sanitised afterwards. Links open with rel=noopener nofollow; no pictures, no raw HTML."""
    made = _parser.renderer.render(_calmed(_parser.parse(text)), _parser.options, {})
    if also:
        made = also(made)
    clean = nh3.clean(
        made,
        tags=_INLINE | _BLOCKS | _TABLES,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        allowed_classes={"span": {"mention"}},
        url_schemes=set(SCHEMES),
        link_rel="noopener nofollow",
    )
    return SafeString(clean)


def plain(text: str) -> str:
    """The same in one line without its marks, for lists and banners."""
    return " ".join(unescape(strip_tags(html(text).replace("</li>\n<li>", " · "))).split())


def _calmed(tokens: list[Token]) -> list[Token]:
    """Headings inside a note are all of one small size: the page has its own order of them."""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h3"
    return tokens
