"""What keeps one sender from harming the others: memory of bodies under way, and rates."""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import Final

from perennial.events.api import answers
from perennial.events.api.answers import Refused

UNDER_WAY_BYTES: Final = 64 * 1024 * 1024
ONE_SOURCE_SHARE: Final = 2  # a source may fill the half of it
MINUTE_SECONDS: Final = 60.0


class UnderWay:
    """Bytes of all bodies that have arrived and are not answered yet."""

    def __init__(self, most: int = UNDER_WAY_BYTES) -> None:
        self.most = most
        self.total = 0
        self.of_source: Counter[int] = Counter()


class Hold:
    """The bytes that one request holds; `release` gives them back. Raises Refused (503)."""

    __slots__ = ("_bytes", "_source", "_under_way")

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way, self._bytes = under_way, 0
        self._source: int | None = None

    def add(self, size: int) -> None:
        if self._under_way.total + size > self._under_way.most:
            raise Refused(answers.BUSY)
        self._under_way.total += size
        self._bytes += size
        if self._source is not None:
            self._of_source(size)

    def belongs_to(self, source: int) -> None:
        if self._source is None:
            self._source = source
            self._of_source(self._bytes)

    def _of_source(self, size: int) -> None:
        held = self._under_way.of_source
        assert self._source is not None
        held[self._source] += size
        if held[self._source] > self._under_way.most // ONE_SOURCE_SHARE:
            raise Refused(answers.BUSY)

    def release(self) -> None:
        self._under_way.total -= self._bytes
        if self._source is not None:
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
