"""Bodies in Segment's and RudderStack's form: one call, or a batch of calls.

`sentAt`, `context.groupId` and `context.userAgent` of a batch hold for its items where they bring
none; nothing larger does, or a small request could become a huge one. The type stands in the
item, else the route says it. Everything else is read from the items as they are.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from perennial.events.rules.items import Context, Item

# The browser's client posts to /v1/t instead of /v1/track.
SHORT_FORMS: Final = {
    "i": "identify",
    "t": "track",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
}


class _Body(Item, gc=False, rename="camel"):
    batch: list[Item] | None = None


_body: Final = msgspec.json.Decoder(_Body)
_list: Final = msgspec.json.Decoder(list[Item])


def items(body: bytes, *, kind: str | None) -> list[Item]:
    """The items of a body; `kind` is what the route says. Raises msgspec's errors when even one
    of them is not in the form."""
    read = _Body(batch=_list.decode(body)) if body.lstrip()[:1] == b"[" else _body.decode(body)
    found: list[Item] = [read] if read.batch is None else read.batch
    for item in found if kind else ():
        if item.type is None:
            item.type = kind
    if read.batch and not (read.sent_at is None and read.context is None):
        said = read.context or Context()
        context = Context(group_id=said.group_id, user_agent=said.user_agent)
        for item in found:
            _complete(item, read.sent_at, context)
    return found


def _complete(item: Item, sent_at: Any, context: Context) -> None:
    if item.sent_at is None:
        item.sent_at = sent_at
    if item.context is None:
        item.context = context
        return
    if item.context.group_id is None:
        item.context.group_id = context.group_id
    if item.context.user_agent is None:
        item.context.user_agent = context.user_agent
