"""A request arrives: its headers, and its body within bounds."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from asgiref.typing import ASGIReceiveCallable, HTTPScope

from perennial.events.api import answers
from perennial.events.api.answers import Answer, Refused
from perennial.events.api.bounds import Hold

BODY_SECONDS: Final = 60.0
DRAIN_BYTES: Final = 32 * 1024 * 1024  # read on past a bound, so that the client sees the answer
AGENT_LETTERS: Final = 300
CLOSE: Final = {"connection": "close"}
KEY_NAMES: Final = ("writeKey", "write_key", "api_key", "token")


class Gone(Exception):
    """The client went away."""


@dataclass(frozen=True, slots=True)
class Headers:
    authorization: str
    encoding: str
    agent: str
    origin: str
    asked_headers: str
    host: str
    length: int  # as announced, 0 when it was not


def headers_of(scope: HTTPScope) -> Headers:
    fields = dict(scope["headers"])

    def text(name: bytes) -> str:
        return fields.get(name, b"").decode("latin-1").strip()

    length = text(b"content-length")
    return Headers(
        authorization=text(b"authorization"),
        encoding=text(b"content-encoding").lower(),
        agent=text(b"user-agent")[:AGENT_LETTERS],
        origin=text(b"origin").lower(),
        asked_headers=text(b"access-control-request-headers"),
        host=text(b"host"),
        length=int(length) if length.isdigit() and len(length) < 16 else 0,
    )


def keys_outside(headers: Headers, query: bytes) -> Iterator[str]:
    """Keys that stand outside the body: Basic (with or without the colon), Bearer, address."""
    scheme, _, text = headers.authorization.partition(" ")
    if scheme.lower() == "bearer":
        yield text.strip()
    elif scheme.lower() == "basic":
        try:
            yield base64.b64decode(text).decode().partition(":")[0]
        except ValueError:  # no base64, or no text inside it
            yield text.strip()
    if query:
        asked = _asked(query)
        yield from (key for name in KEY_NAMES for key in asked.get(name, ()))


def sent_us(query: bytes) -> int | None:
    """When the client says in the address that it sent this (posthog-js): milliseconds."""
    if b"_=" not in query and b"sent_at=" not in query:
        return None
    asked = _asked(query)
    for text in (*asked.get("sent_at", ()), *asked.get("_", ())):
        if text.isascii() and text.isdigit() and len(text) <= 14:
            return int(text) * 1000
    return None


def _asked(query: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(query.decode("latin-1"), max_num_fields=50)
    except ValueError:  # more than any client asks
        return {}


async def body_of(receive: ASGIReceiveCallable, *, said: int, most: int, hold: Hold) -> bytes:
    """The body as it came over the wire.

    Raises Refused when it is larger than `most` bytes, too slow, or when too much is under way
    altogether, and Gone.
    """
    pieces: list[bytes] = []
    arrived = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            more = True
            while more:
                event = await receive()
                if event["type"] != "http.request":
                    raise Gone
                piece, more = event["body"], event["more_body"]
                arrived += len(piece)
                if max(arrived, said) <= most:
                    hold.add(len(piece))
                    pieces.append(piece)
                elif arrived > DRAIN_BYTES:
                    raise _too_large(closing=True)
                else:
                    pieces.clear()
    except TimeoutError:
        raise Refused(answers.TOO_SLOW) from None
    if max(arrived, said) > most:
        raise _too_large()
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(*, closing: bool = False) -> Refused:
    large = answers.TOO_LARGE
    return Refused(Answer(large.status, large.body, extra=CLOSE) if closing else large)
