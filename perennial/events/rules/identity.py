"""Who an id is, and where that person works, at a moment.

An id has links, each from a moment on; before the first, the first one holds. An alias says that
an id is another one, and aliases chain; a membership says that a person works at a customer.
What servers and files say is trusted; a browser's word is claimed: it never takes over an id that
a server knows, and says where somebody works only until a server has said so.
Files give memberships dates: before the first and after the last day nobody is a member.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

# What clients send when they know no id: following it would make one person of many.
_NOBODY = """
    0 -1 00000000-0000-0000-0000-000000000000 none null nil undefined nan true false guest
    anonymous unknown not_authenticated {} [] id user_id userid distinct_id distinctid anonymous_id
    anonymousid
"""
NOBODY: Final = frozenset(_NOBODY.split()) | {"", "[object object]"}
CHAIN_AT_MOST: Final = 32  # aliases of aliases that are followed
LEFT: Final = ""  # the customer of somebody who works at none

Membership = tuple[str, date | None, date | None]  # customer, first day, last day


def changes(memberships: Iterable[Membership]) -> Iterator[tuple[date | None, str]]:
    """From which day on somebody works where; None is 'since ever', LEFT is nowhere.

    Of several at a time the one that began last holds; the ids decide between equals.
    """
    known = sorted(memberships, key=lambda it: (it[1] or date.min, it[0]))
    days = {first for _, first, _ in known} | {
        last + timedelta(days=1) for _, _, last in known if last is not None
    }
    before: str | None = None
    for day in sorted({None, *days}, key=lambda it: it or date.min):
        on = day or date.min
        open_ones = [
            customer
            for customer, first, last in known
            if (first or date.min) <= on and (last is None or on <= last)
        ]
        works_at = open_ones[-1] if open_ones else LEFT
        if works_at != before:
            yield day, works_at
        before = works_at
