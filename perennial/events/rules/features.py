"""Features named afterwards: which captured clicks, sent forms and page views are one.

A rule names what was captured (a click, a sent form, a page view), the element by the path that
the tracking script records, and the page by its address. In both `*` stands for any characters,
none included; nothing written means any. An address that begins with / is compared without its
host; query and fragment count only where the rule writes a ? or a #.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

CLICK: Final = "$click"
SUBMIT: Final = "$submit"
VIEW: Final = "page"
CAPTURED: Final = (CLICK, SUBMIT, VIEW)
ANYTHING: Final = "*"
STARS_AT_MOST: Final = 8
# The part of an address that is compared, by name: read the same by RE2, Java and Python.
_HOST: Final = "(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?"
PARTS: Final = {
    "url": "^(.*)",
    "short": "^([^?#]*)",
    "path": f"^{_HOST}(.*)",
    "short_path": f"^{_HOST}([^?#]*)",
}


@dataclass(frozen=True, slots=True)
class FeatureRule:
    """What a feature is made of; an empty part means any."""

    event: str
    selector: str = ""
    url: str = ""

    def fits(self, event: str, *, selector: str | None, url: str | None) -> bool:
        """Whether something captured is this feature's use."""
        return (
            self.event in ("", event)
            and (not self.selector or fits(selector, self.selector))
            and (not self.url or fits(compared(url, self.url), self.url))
        )


def fits(text: str | None, pattern: str) -> bool:
    """Whether a text is what a pattern says, from its first to its last character."""
    if text is None:
        return False
    wanted = ".*".join(re.escape(part) for part in pattern.split(ANYTHING))
    return re.fullmatch(wanted, text, re.DOTALL) is not None


def compared(url: str | None, pattern: str) -> str | None:
    """The part of an address that is compared with a pattern."""
    found = re.match(PARTS[part_of(pattern)], url) if url is not None else None
    return found[1] if found else None


def part_of(pattern: str) -> str:
    """Which part that is: a name of PARTS."""
    is_short = not re.search("[?#]", pattern)
    if pattern.startswith("/"):
        return "short_path" if is_short else "path"
    return "short" if is_short else "url"


def suggested(selector: str) -> str:
    """The pattern that a path is first named by: its target, wherever it stands on the page."""
    target = selector.rpartition(">")[2]
    anchored = re.search(r"[#\[]", target)
    return f"{ANYTHING}{target}" if anchored and ">" in selector else selector
