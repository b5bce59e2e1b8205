"""From what came over the wire to JSON text: never by Content-Type, always within bounds.

posthog-js posts gzip without saying so, rudder-node gzip that calls itself a form, browsers JSON
that calls itself text; old PostHog snippets post `data=` with base64. All is told by the bytes.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Final
from urllib.parse import unquote_to_bytes

from perennial.events.api import answers
from perennial.events.api.answers import Refused

GZIP: Final = b"\x1f\x8b"
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
LAYERS: Final = 2  # a proxy may compress what a client had compressed


def text_of(wire: bytes, *, encoding: str, most: int) -> bytes:
    """What should be JSON. Raises Refused (400) when it cannot be unpacked or exceeds `most`."""
    body = wire
    if encoding == "deflate" and not body.startswith(GZIP):
        body = _inflated(body, most)
    for _ in range(LAYERS):
        if body.startswith(GZIP):
            body = _decompressed(body, zlib.MAX_WBITS | 16, most)
    if body.startswith(b"data="):
        body = _form_data(body)
        if body.startswith(GZIP):
            body = _decompressed(body, zlib.MAX_WBITS | 16, most)
    if len(body) > most:
        raise Refused(answers.TOO_LARGE)
    return body.removeprefix(BYTE_ORDER_MARK)


def _inflated(body: bytes, most: int) -> bytes:
    """`deflate` should have a zlib header, and often has none; or it was not meant."""
    if body.lstrip()[:1] in {b"{", b"["}:
        return body
    try:
        return _decompressed(body, zlib.MAX_WBITS, most)
    except Refused as refused:
        if refused.answer is not answers.UNDECODABLE:
            raise
        return _decompressed(body, -zlib.MAX_WBITS, most)


def _decompressed(body: bytes, window: int, most: int) -> bytes:
    """Stops as soon as more than `most` bytes come out, whatever a bomb has still in store."""
    pieces: list[bytes] = []
    size, rest = 0, body
    try:
        while rest:
            stream = zlib.decompressobj(window)
            pieces.append(stream.decompress(rest, most + 1 - size))
            size += len(pieces[-1])
            if size > most:
                raise Refused(answers.TOO_LARGE)
            if not stream.eof:
                raise Refused(answers.UNDECODABLE)
            rest = stream.unused_data if stream.unused_data.startswith(GZIP) else b""
    except zlib.error:
        raise Refused(answers.UNDECODABLE) from None
    return b"".join(pieces)


def _form_data(body: bytes) -> bytes:
    field = body.partition(b"&")[0].removeprefix(b"data=")
    value = unquote_to_bytes(field.replace(b"+", b" "))
    if value.lstrip()[:1] in {b"{", b"["}:
        return value
    try:
        return base64.b64decode(value.replace(b" ", b"+"))
    except binascii.Error:
        raise Refused(answers.UNDECODABLE) from None
