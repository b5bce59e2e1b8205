"""The slow road for JSON that a strict decoder refuses, although stock clients send it.

Python's encoder writes NaN; JavaScript's writes half of a surrogate pair where somebody cut a
text in the middle of an emoji; and one item that is nested without end must not take the good
items of its batch with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

DEPTH: Final = 64  # what is nested deeper is cut, and its item belongs to the rejects
CUT: Final = b'"[nested too deeply]"'
_BACKSLASH, _QUOTE = b"\\\\", b'\\"'


@dataclass(frozen=True, slots=True)
class Repaired:
    body: bytes
    was_cut: bool = field(default=False)


def repaired(body: bytes) -> Repaired:
    """The body as strict JSON. Raises ValueError for what is no JSON, RecursionError never."""
    try:
        return Repaired(_strict(body))
    except RecursionError:
        shallow = cut(body)
        try:
            msgspec.json.decode(shallow, type=msgspec.Raw)
        except msgspec.DecodeError:
            shallow = _strict(shallow)
        return Repaired(shallow, was_cut=True)


def _strict(body: bytes) -> bytes:
    """NaN and endless numbers become null, lone surrogates a question mark."""
    content = json.loads(body, parse_constant=lambda _: None, parse_int=_int, parse_float=_float)
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode(errors="replace")


def _int(text: str) -> int | float | None:
    return int(text) if len(text) <= 19 else _float(text)


def _float(text: str) -> float | None:
    number = float(text)
    return number if abs(number) != float("inf") else None


def cut(body: bytes) -> bytes:
    """The same text with every array or object below DEPTH replaced by CUT; at engine speed,
    because anybody can send half a megabyte of brackets."""
    plain = body.replace(_BACKSLASH, b"__").replace(_QUOTE, b"__")  # same length, no escapes
    letters = np.frombuffer(plain, np.uint8)
    in_text = np.cumsum(letters == ord('"'), dtype=np.int32) & 1
    opens = (letters == ord("[")) | (letters == ord("{"))
    closes = (letters == ord("]")) | (letters == ord("}"))
    steps = (opens.astype(np.int8) - closes.astype(np.int8)) * (in_text == 0)
    deep = np.cumsum(steps, dtype=np.int32) > DEPTH
    edges = np.flatnonzero(np.diff(deep, prepend=False))
    pieces, kept = [], 0
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=False):
        pieces += [body[kept:begin], CUT]
        kept = end + 1
    return b"".join([*pieces, body[kept:]])
