"""Columns of texts out of what clients sent, with what is wrong with them.

Columns are judged as a whole; only what stands out is looked at one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.events.rules.reasons import DEPTH_AT_MOST, TEXT_AT_MOST, Fault, Reason

Report = Callable[[int, Fault], None]
EMPTY: Final = frozenset({b"", b"{}", b"[]", b"null", b'""'})
_EMPTY: Final = pa.array([text.decode() for text in EMPTY])
_UUID, _BYTES = 36, 16
_DASHES: Final = [8, 13, 18, 23]
_DIGITS: Final = [place for place in range(_UUID) if place not in _DASHES]
_HEX: Final = np.full(256, 255, dtype=np.uint8)
_HEX[np.frombuffer(b"0123456789abcdef", dtype=np.uint8)] = np.arange(16)
_HEX[np.frombuffer(b"ABCDEF", dtype=np.uint8)] = np.arange(10, 16)


def texts(values: Sequence[Any], *, field: str, nul: bool, report: Report) -> pa.Array:
    """Ids and names: trimmed texts, null when empty. Numbers become text; other types, texts
    over the bound and NUL characters are reported."""
    kinds = set(map(type, values))
    if kinds <= {type(None)}:
        return pa.nulls(len(values), pa.string())
    if not kinds <= {str, type(None)}:
        values = [_text(value, at, field, report) for at, value in enumerate(values)]
    column = pc.utf8_trim_whitespace(pa.array(values, pa.string()))
    sizes = pc.utf8_length(column)
    for at in _where(pc.greater(sizes, TEXT_AT_MOST)):
        report(at, Fault(Reason.TOO_LONG, {"field": field, "at_most": str(TEXT_AT_MOST)}))
    if nul:
        for at in _where(pc.match_substring(column, "\x00")):
            report(at, Fault(Reason.BAD_TEXT, {"field": field}))
    return pc.if_else(pc.greater(sizes, 0), column, None)


def _text(value: Any, at: int, field: str, report: Report) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    report(at, Fault(Reason.WRONG_TYPE, {"field": field}))
    return None


def objects(values: Sequence[bytes], *, field: str, nul: bool, report: Report) -> pa.Array:
    """JSON objects as the texts that came, null when empty. Other types, deep nesting and NUL
    characters are reported. The bytes are known to be UTF-8."""
    raw = pa.array(values, pa.binary())
    column = pc.cast(raw, options=pc.CastOptions(pa.string(), allow_invalid_utf8=True))
    given = pc.invert(pc.is_in(column, _EMPTY))
    wrong = pc.and_(given, pc.invert(pc.starts_with(column, "{")))
    for at in _where(wrong):
        report(at, Fault(Reason.WRONG_TYPE, {"field": field}))
    braces = pc.add(pc.count_substring(column, "{"), pc.count_substring(column, "["))
    for at in _where(pc.greater(braces, DEPTH_AT_MOST)):
        if depth(values[at]) > DEPTH_AT_MOST:
            report(at, Fault(Reason.TOO_DEEP, {"field": field, "at_most": str(DEPTH_AT_MOST)}))
    if nul:
        for at in _where(pc.match_substring(column, "\\u0000")):
            if _holds_nul(msgspec.json.decode(values[at])):
                report(at, Fault(Reason.BAD_TEXT, {"field": field}))
    return pc.if_else(given, column, None)


def depth(text: bytes) -> int:
    """How many objects and lists are inside one another in a JSON text."""
    deepest = level = 0
    inside = escaped = False
    for byte in text:
        if inside:
            inside = escaped or byte != 0x22
            escaped = not escaped and byte == 0x5C
        elif byte == 0x22:
            inside = True
        elif byte in b"{[":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"}]":
            level -= 1
    return deepest


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(name) or _holds_nul(part) for name, part in value.items())
    return isinstance(value, list) and any(_holds_nul(part) for part in value)


def message_ids(column: pa.Array, place: Callable[[int], str]) -> pa.Array:
    """Sixteen bytes each: a UUID's own, else the MD5 of the text; an item without an id gets
    the MD5 of its place in the inbox."""
    found = np.zeros((len(column), _BYTES), dtype=np.uint8)
    others = np.ones(len(column), dtype=bool)
    alike = np.flatnonzero(_mask(pc.equal(pc.binary_length(column), _UUID)))
    if len(alike):
        texts = pc.binary_join(pa.array([column.take(pa.array(alike)).to_pylist()]), "")
        cells = np.frombuffer(texts[0].as_buffer(), dtype=np.uint8).reshape(-1, _UUID)
        digits = _HEX[cells[:, _DIGITS]]
        good = (cells[:, _DASHES] == ord("-")).all(axis=1) & (digits < 16).all(axis=1)
        found[alike] = (digits[:, 0::2] << 4) | digits[:, 1::2]
        others[alike[good]] = False
    for at in np.flatnonzero(others).tolist():
        text = column[at].as_py() or place(at)
        digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
        found[at] = np.frombuffer(digest, dtype=np.uint8)
    offsets = np.arange(len(column) + 1, dtype=np.int32) * _BYTES
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(found)]
    return pa.Array.from_buffers(pa.binary(), len(column), buffers)


def _mask(column: pa.Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
    return found


def _where(column: pa.Array) -> list[int]:
    found: list[int] = np.flatnonzero(_mask(column)).tolist()
    return found
