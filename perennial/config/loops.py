"""The worker's other hands: short turns in threads of their own while the day may be running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import connections

LOOK_SECONDS = 1.0
RETRY_SECONDS = 10.0  # after a failure: a full disk does not get emptier by asking
_END_SECONDS = 5.0


@contextmanager
def running(turns: Mapping[str, Callable[[], bool]]) -> Iterator[None]:
    """Take these turns while the block runs; a turn says False when it failed, and never raises."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_loop, args=(stop, take), name=name, daemon=True)
        for name, take in turns.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_END_SECONDS)  # what is cut off is done again


def _loop(stop: threading.Event, take: Callable[[], bool]) -> None:
    pause = LOOK_SECONDS
    while not stop.wait(pause):
        pause = LOOK_SECONDS if take() else RETRY_SECONDS
        connections.close_all()  # one that broke must not stay
