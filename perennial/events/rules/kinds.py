"""What an item is. Only what people did is counted: telling us who somebody is, is no use."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    IDENTIFY = "identify"
    GROUP = "group"
    ALIAS = "alias"
    DAILY = "daily"  # a daily aggregate of a file
    SYSTEM = "system"  # what a client's software says by itself, not a person: kept, not counted


COUNTED: Final = frozenset({Kind.TRACK, Kind.PAGE, Kind.SCREEN, Kind.DAILY})


class Attribution(StrEnum):
    """How an event found its customer, in the order in which it is tried."""

    EXPLICIT = "explicit"  # groupId or $groups on the event
    CONTEXT = "context"  # context.groupId
    MEMBERSHIP = "membership"  # the person's last known group at the event's time
    NONE = "unattributed"  # kept, visible, attributed when the group becomes known


class Relation(StrEnum):
    ALIAS = "alias"  # an anonymous or earlier id is this person
    MEMBER = "member"  # this person works at this customer since then
