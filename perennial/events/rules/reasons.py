"""Why an item was not stored: codes that stay, and one sentence each.

A bad item never harms its batch: it goes to the rejects with its reason, the others are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from perennial.units.sentence import sentence

TEXT_AT_MOST: Final = 500  # characters of an id or event name
DEPTH_AT_MOST: Final = 32  # objects and lists inside one another


class Reason(StrEnum):
    BROKEN = "broken"
    NOT_AN_OBJECT = "not_an_object"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    BAD_TEXT = "bad_text"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "too_long"
    NO_TYPE = "no_type"
    UNKNOWN_TYPE = "unknown_type"
    NO_EVENT = "no_event"
    NO_ID = "no_id"
    NO_GROUP = "no_group"
    NO_PREVIOUS = "no_previous"
    BAD_TIMESTAMP = "bad_timestamp"
    FOREIGN_KEY = "foreign_key"
    ERASED = "erased"


SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.BROKEN: sentence("The item is not readable JSON."),
    Reason.NOT_AN_OBJECT: sentence("The item is not a JSON object."),
    Reason.TOO_LARGE: sentence("The item has {bytes} bytes; the source allows {at_most}."),
    Reason.TOO_DEEP: sentence("“{field}” is nested deeper than {at_most} levels."),
    Reason.BAD_TEXT: sentence("“{field}” holds a NUL character or broken text."),
    Reason.WRONG_TYPE: sentence("“{field}” is of the wrong type."),
    Reason.TOO_LONG: sentence("“{field}” has more than {at_most} characters."),
    Reason.NO_TYPE: sentence("The item does not say its type."),
    Reason.UNKNOWN_TYPE: sentence("The type “{type}” is unknown."),
    Reason.NO_EVENT: sentence("The event has no name."),
    Reason.NO_ID: sentence("The item names neither a person nor a customer."),
    Reason.NO_GROUP: sentence("The group call has no groupId."),
    Reason.NO_PREVIOUS: sentence("The alias call does not name both ids."),
    Reason.BAD_TIMESTAMP: sentence("The timestamp “{value}” cannot be read."),
    Reason.FOREIGN_KEY: sentence("The item names a write key that is not this source's."),
    Reason.ERASED: sentence("The person was erased; nothing more is stored about them."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one item; `params` fill the gaps of its sentence."""

    reason: Reason
    params: Mapping[str, str] = field(default_factory=dict)
