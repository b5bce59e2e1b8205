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

from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

CLICK: Final = "$click"
SUBMIT: Final = "$submit"
VIEW: Final = "page"
CAPTURED: Final = (CLICK, SUBMIT, VIEW)
ANYTHING: Final = "*"
STARS_AT_MOST: Final = 8
LETTERS_AT_MOST: Final = 500
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


def refuse_wrong(rule: FeatureRule) -> None:
    """Raises InputRefused (its column names the part) for a rule that cannot be meant."""
    if rule.event not in CAPTURED:
        raise InputRefused(
            sentence("A feature is made of clicks, sent forms or page views."),
            code="wrong_event",
            column="event",
        )
    if rule.event == VIEW and rule.selector:
        raise InputRefused(
            sentence("A page view has no element: leave the element empty."),
            code="element_of_a_view",
            column="selector",
        )
    column = "url" if rule.event == VIEW else "selector"
    if not (rule.selector + rule.url).replace(ANYTHING, ""):
        message = sentence("Say which element or which page; * alone would be everything.")
        raise InputRefused(message, code="rule_of_everything", column=column)
    for name, pattern in (("selector", rule.selector), ("url", rule.url)):
        if len(pattern) > LETTERS_AT_MOST or pattern.count(ANYTHING) > STARS_AT_MOST:
            raise InputRefused(
                sentence("At most {letters} characters and {stars} asterisks."),
                code="long_pattern",
                column=name,
                params={"letters": str(LETTERS_AT_MOST), "stars": str(STARS_AT_MOST)},
            )
