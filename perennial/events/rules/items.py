"""What one item says, whichever client sent it: the form in which Segment's clients send it.

Fields hold what came, of any type; judging them is the loader's (`events.intake`). `properties`
and `traits` stay the JSON text that came.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw

NOTHING: Final = Raw()


class Context(msgspec.Struct, gc=False):
    """The few things of `context` that matter here."""

    group_id: Any = msgspec.field(default=None, name="groupId")
    user_agent: Any = msgspec.field(default=None, name="userAgent")
    traits: Raw = NOTHING
    page: Raw = NOTHING


class Item(msgspec.Struct, rename="camel", gc=False):
    """One call of a client. `original_timestamp`, or `timestamp` alone, is the client's time;
    a `timestamp` beside it that differs was stated by somebody, and stands."""

    type: Any = None
    event: Any = None
    name: Any = None
    message_id: Any = None
    original_timestamp: Any = None
    timestamp: Any = None
    sent_at: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    properties: Raw = NOTHING
    traits: Raw = NOTHING
    context: Context | None = None


class Address(msgspec.Struct, gc=False):
    """`context.page`, of which the address is kept."""

    url: str = ""
