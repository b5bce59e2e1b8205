"""What keeps one sender from harming the others: memory of bodies under way, and rates."""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import Final

from perennial.events.api import answers
from perennial.events.api.answers import Refused

UNDER_WAY_BYTES: Final = 64 * 1024 * 1024
SHARES: Final = 2  # one source may fill a half
MINUTE_SECONDS: Final = 60.0


class UnderWay:
    """Bytes of all bodies that have arrived and are not answered yet, and whose they are;
    under None those whose key is not known yet."""

    def __init__(self, most: int = UNDER_WAY_BYTES) -> None:
        self.most = most
        self.total = 0
        self.of_source: Counter[int | None] = Counter()


class Hold:
    """The bytes that one request holds. Raises Refused (503) when its source, or all together,
    hold too much; `release` gives them back in any case."""

    __slots__ = ("_bytes", "_source", "_under_way")

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way, self._bytes = under_way, 0
        self._source: int | None = None

    def add(self, size: int) -> None:
        held = self._under_way
        self._bytes += size
        held.total += size
        held.of_source[self._source] += size
        if held.total > held.most or held.of_source[self._source] > held.most // SHARES:
            raise Refused(answers.BUSY)

    def belongs_to(self, source: int) -> None:
        if source != self._source:
            held = self._bytes
            self.release()
            self._source = source
            self.add(held)

    def release(self) -> None:
        self._under_way.total -= self._bytes
        self._under_way.of_source[self._source] -= self._bytes
        self._bytes = 0


class Rates:
    """Requests of each source in the running minute, in this process."""

    def __init__(self) -> None:
        self._minutes: dict[int, tuple[float, int]] = {}  # source → begin of its minute, requests

    def count(self, source: int, per_minute: int) -> None:
        """Raises Refused (429) with the seconds to wait when the minute is full."""
        now = time.monotonic()
        begun, requests = self._minutes.get(source, (now, 0))
        if now - begun >= MINUTE_SECONDS:
            begun, requests = now, 0
        if requests >= per_minute:
            raise Refused(answers.too_many(math.ceil(begun + MINUTE_SECONDS - now)))
        self._minutes[source] = (begun, requests + 1)
