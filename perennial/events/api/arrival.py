"""A request arrives: its headers, and its body within bounds."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs

from asgiref.typing import ASGIReceiveCallable, HTTPScope

from perennial.events.api import answers
from perennial.events.api.answers import Refused
from perennial.events.api.bounds import Hold

BODY_SECONDS: Final = 60.0
DRAIN_BYTES: Final = 32 * 1024 * 1024  # read on past a bound, so that the client sees the answer
AGENT_LETTERS: Final = 300
KEY_NAMES: Final = ("writeKey", "write_key", "api_key", "token")


class Gone(Exception):
    """The client went away."""


@dataclass(slots=True)
class Headers:
    authorization: str = ""
    encoding: str = ""
    agent: str = ""
    origin: str = ""
    asked_headers: str = ""
    host: str = ""
    length: int = 0


def headers_of(scope: HTTPScope) -> Headers:
    found = Headers()
    for name, value in scope["headers"]:
        match name:
            case b"authorization":
                found.authorization = value.decode("latin-1")
            case b"content-encoding":
                found.encoding = value.decode("latin-1").strip().lower()
            case b"user-agent":
                found.agent = value[:AGENT_LETTERS].decode("latin-1")
            case b"origin":
                found.origin = value.decode("latin-1").lower()
            case b"host":
                found.host = value.decode("latin-1")
            case b"access-control-request-headers":
                found.asked_headers = value.decode("latin-1")
            case b"content-length":
                found.length = int(value) if value.isdigit() and len(value) < 16 else 0
    return found


def keys_outside(headers: Headers, query: bytes) -> Iterator[str]:
    """Keys that stand outside the body: Basic (with or without the colon), Bearer, address."""
    scheme, _, text = headers.authorization.partition(" ")
    if scheme.lower() == "bearer":
        yield text.strip()
    elif scheme.lower() == "basic":
        try:
            yield base64.b64decode(text).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            yield text.strip()
    if query:
        asked = parse_qs(query.decode("latin-1"), max_num_fields=50)
        yield from (key for name in KEY_NAMES for key in asked.get(name, ()))


def sent_us(query: bytes) -> int | None:
    """When the client says in the address that it sent this (posthog-js): milliseconds."""
    if b"_=" not in query and b"sent_at=" not in query:
        return None
    asked = parse_qs(query.decode("latin-1"), max_num_fields=50)
    for text in (*asked.get("sent_at", ()), *asked.get("_", ())):
        if text.isascii() and text.isdigit() and len(text) <= 14:
            return int(text) * 1000
    return None


async def body_of(receive: ASGIReceiveCallable, *, said: int, most: int, hold: Hold) -> bytes:
    """The body as it came over the wire.

    Raises Refused when it is larger than `most` bytes, too slow, or when too much is under way
    altogether, and Gone.
    """
    if said <= most:
        hold.add(said)
    pieces: list[bytes] = []
    arrived, held = 0, said
    try:
        async with asyncio.timeout(BODY_SECONDS):
            more = True
            while more:
                event = await receive()
                if event["type"] != "http.request":
                    raise Gone
                piece, more = event["body"], event["more_body"]
                arrived += len(piece)
                if arrived > DRAIN_BYTES:
                    raise _too_large(closing=True)
                if arrived > most:
                    pieces.clear()
                    continue
                if arrived > held:
                    hold.add(arrived - held)
                    held = arrived
                pieces.append(piece)
    except TimeoutError:
        raise Refused(answers.TOO_SLOW) from None
    if arrived > most:
        raise _too_large()
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(*, closing: bool = False) -> Refused:
    extra = {"connection": "close"} if closing else {}
    return Refused(replace(answers.TOO_LARGE, extra=extra))
