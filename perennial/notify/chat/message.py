"""A message as plain lines, cut politely to what a chat takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

ELLIPSIS = "…"


class NotTaken(Exception):
    """A message did not leave. `status`: of the answer, None when there was none."""

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel says, in its language; `link` and `wishes` are whole addresses or empty."""

    title: str
    body: str = ""
    readers: str = ""
    why: str = ""
    link: str = ""
    wishes: str = ""

    def head(self) -> str:
        """Everything above the body."""
        lines = [self.title]
        if self.readers:
            lines.append(_("For: {readers}").format(readers=self.readers))
        return "\n".join(lines)

    def foot(self, *, is_cut: bool) -> str:
        """Everything below it: the link, why it comes, where to change that."""
        lines = []
        if self.link:
            more = _("The rest is here: {link}") if is_cut else "{link}"
            lines.append(more.format(link=self.link))
        lines += [it for it in (self.why, self.wishes) if it]
        return "\n".join(lines)


def fitted(message: Message, *, fits: Callable[[str], bool]) -> str:
    """The whole message if it fits; else with as much of the body as does, and a link to the
    rest. A title that is too long by itself is cut, too."""
    whole = _joined(message.head(), message.body, message.foot(is_cut=False))
    if fits(whole):
        return whole
    foot = message.foot(is_cut=True)
    head = _longest(message.head(), fits=lambda text: fits(_joined(text, ELLIPSIS, foot)))
    body = _longest(message.body, fits=lambda text: fits(_joined(head, text, foot)))
    return _joined(head, body, foot)


def _longest(text: str, *, fits: Callable[[str], bool]) -> str:
    """The text, or its longest beginning with … that fits."""
    if fits(text):
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle] + ELLIPSIS) else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
