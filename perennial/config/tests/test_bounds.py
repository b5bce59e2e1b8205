"""Nobody fills the disk with a request."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from perennial.config.bounds import FORM_BYTES, UPLOADS, Bounded

BLOCK = b"x" * (1 << 20)


def ask(path: str, *, blocks: int, said: int | None = None) -> tuple[int, list[str]]:
    """How many bytes the application got from a request, and what was sent back."""
    got, answered = 0, []

    async def application(_scope: Any, receive: Any, _send: Any) -> None:
        nonlocal got
        while (event := await receive())["type"] == "http.request":
            got += len(event["body"])
            if not event["more_body"]:
                break

    left = blocks

    async def receive() -> Any:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": BLOCK, "more_body": left > 0}

    async def send(event: Any) -> None:
        answered.append(str(event.get("status", event["type"])))

    headers = [(b"content-length", str(said).encode())] if said is not None else []
    scope: Any = {"type": "http", "path": path, "headers": headers}
    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, Bounded(application)(scope, receive, send)).result()
    return got, answered


@pytest.mark.parametrize("path", ["/log-in/", "/imports/1/"])
def test_what_is_too_large_is_not_read(path: str):
    assert ask(path, blocks=1, said=FORM_BYTES + 1) == (0, ["413", "http.response.body"])


def test_a_request_that_does_not_say_its_size_is_cut():
    got, _answered = ask("/log-in/", blocks=100)
    assert got == FORM_BYTES


def test_what_fits_passes():
    assert ask("/log-in/", blocks=3, said=3 << 20) == (3 << 20, [])


def test_an_upload_may_be_large():
    assert ask(UPLOADS, blocks=100, said=100 << 20) == (100 << 20, [])
