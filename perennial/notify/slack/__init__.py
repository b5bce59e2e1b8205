"""Slack: an incoming webhook of a channel.

Format and limits: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
https://docs.slack.dev/reference/block-kit/blocks/section-block (a section has at most 3,000
characters; the answer is `ok`). &, < and > are escaped, as Slack asks: `<!channel>` calls nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from perennial.notify.chat.sending import Chat

SECTION_CHARACTERS = 3000


def _tokens(parts: SplitResult) -> Mapping[str, Any] | None:
    found = parts.path.split("/")
    if len(found) != 5 or found[:2] != ["", "services"] or not all(found[2:]) or parts.query:
        return None
    names = ("token_a", "token_b", "token_c")
    looks = {"use_blocks": True, "include_image": False, "include_footer": False}
    return dict(zip(names, found[2:], strict=True)) | looks


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


CHAT = Chat(
    plugin=("slack", "NotifySlack"),
    hosts=("hooks.slack.com",),
    tokens=_tokens,
    fits=lambda text: len(text) <= SECTION_CHARACTERS,
    refusal=lambda answer: "" if answer.strip() == "ok" else answer[:200],
    plain=_escaped,
)
