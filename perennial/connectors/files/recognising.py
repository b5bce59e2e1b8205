"""What is this file? Told by its content; its name may only agree."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from charset_normalizer import from_bytes

from perennial.connectors.files.table import Format, Recognised
from perennial.units.errors import InputRefused

GZIP, ZIP, PARQUET, OLD_OFFICE = b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"
UNPACKED_BYTES = 32 << 30
_HEAD = 256 * 1024
_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".xlsx": Format.XLSX,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".json": Format.NDJSON,
    ".parquet": Format.PARQUET,
}


def recognise(
    path: Path, *, title: str, encoding: str | None = None, delimiter: str | None = None
) -> Recognised:
    """Format, compression, encoding and delimiter of a file.

    Raises InputRefused: empty, truncated, unreadable, or not what its name says.
    """
    with path.open("rb") as raw:
        gzipped = raw.read(2) == GZIP
    with opened(path, gzipped=gzipped, title=title) as stream:
        head = stream.read(_HEAD)
    if not head.strip():
        raise InputRefused("The file is empty.", code="empty_file", file=title)
    kind = _format(head, title)
    _agree(title, kind, gzipped=gzipped)
    if kind in (Format.XLSX, Format.PARQUET):
        return Recognised(kind, gzipped)
    found = _encoding(path, title, gzipped=gzipped, asked=encoding)
    if kind is Format.NDJSON:
        return Recognised(kind, gzipped, found)
    text = head.decode(found, "ignore")
    return Recognised(kind, gzipped, found, _delimiter(text, asked=delimiter))


@contextmanager
def opened(path: Path, *, gzipped: bool, title: str) -> Iterator[BinaryIO]:
    """The plain bytes of a file; a broken gzip becomes one sentence."""
    try:
        with (
            io.BufferedReader(_Unpacked(path, title), 1 << 18) if gzipped else path.open("rb")
        ) as stream:
            yield cast(BinaryIO, stream)
    except EOFError as wrong:
        raise InputRefused(
            "The gzip file is truncated: it ends before its content does. Fetch it again.",
            code="truncated_gzip",
            file=title,
        ) from wrong
    except (gzip.BadGzipFile, zlib.error) as wrong:
        raise InputRefused(
            "The gzip file is damaged and cannot be unpacked. Fetch it again.",
            code="damaged_gzip",
            file=title,
        ) from wrong


class _Unpacked(io.RawIOBase):
    """A gzip file that may unpack to UNPACKED_BYTES and no more, however small it is."""

    def __init__(self, path: Path, title: str) -> None:
        super().__init__()
        self._packed = gzip.open(path, "rb")  # noqa: SIM115  closed by `close`
        self._title = title
        self._left = UNPACKED_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._packed.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise InputRefused(
                "The file unpacks to more than 32 GB. Split it.",
                code="too_large",
                file=self._title,
            )
        return count

    def close(self) -> None:
        self._packed.close()
        super().close()


def _format(head: bytes, title: str) -> Format:
    if head.startswith(PARQUET):
        return Format.PARQUET
    if head.startswith(ZIP):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            return Format.XLSX
        raise _unknown(title)
    if head.startswith(OLD_OFFICE):
        raise InputRefused(
            "This is an old Excel file or one with a password. Save it as .xlsx without one.",
            code="old_excel",
            file=title,
        )
    if head.startswith(GZIP):
        raise InputRefused(
            "The file is packed twice. Unpack it once.", code="gzip_twice", file=title
        )
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\x00" in head:
        raise _unknown(title)
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if first == b"[":
        raise InputRefused(
            "This is one JSON list. Write one JSON object per line (NDJSON) instead.",
            code="json_list",
            file=title,
        )
    return Format.NDJSON if first == b"{" else Format.CSV


def _unknown(title: str) -> InputRefused:
    return InputRefused(
        "This is no CSV, XLSX, NDJSON or Parquet file, packed with gzip or not.",
        code="unknown_format",
        file=title,
    )


def _agree(title: str, found: Format, *, gzipped: bool) -> None:
    name = Path(title.lower())
    if name.suffix == ".gz" and not gzipped:
        raise InputRefused(
            "The file is named .gz but is not packed with gzip. Rename it, or fetch it again.",
            code="another_kind",
            file=title,
        )
    suffix = (name.with_suffix("") if name.suffix == ".gz" else name).suffix
    named = _NAMES.get(suffix)
    if named is not None and named is not found:
        raise InputRefused(
            "The file is named {suffix} but holds {found}. Rename it, or choose the right file.",
            code="another_kind",
            params={"suffix": suffix, "found": found.name},
            file=title,
        )


def _encoding(path: Path, title: str, *, gzipped: bool, asked: str | None) -> str:
    candidates = [asked] if asked else ["utf-8-sig", "gb18030"]
    with opened(path, gzipped=gzipped, title=title) as stream:
        head = stream.read(_HEAD)
    if not asked and head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    for name in candidates:
        try:
            known = codecs.lookup(name).name
        except LookupError as wrong:
            raise InputRefused(
                "There is no encoding named {name}.",
                code="unknown_encoding",
                params={"name": name},
                file=title,
            ) from wrong
        if _decodes(path, title, known, gzipped=gzipped) and (
            known != "gb18030" or asked or _is_chinese(head)
        ):
            return "utf-8-sig" if known == "utf-8" else known
    guess = None if asked else from_bytes(head, cp_isolation=["cp1252", "cp1250", "big5"]).best()
    if guess is not None and _decodes(path, title, guess.encoding, gzipped=gzipped):
        return guess.encoding
    raise InputRefused(
        "The text is in no encoding that can be told for sure. Name it, for example cp1252.",
        code="bad_encoding",
        file=title,
    )


def _decodes(path: Path, title: str, name: str, *, gzipped: bool) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    with opened(path, gzipped=gzipped, title=title) as stream:
        try:
            while chunk := stream.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _is_chinese(head: bytes) -> bool:
    """Whether GB18030 is believable: common characters have two high bytes, while Western
    text read by mistake pairs a high byte with an ASCII letter."""
    pairs = [char.encode("gb18030") for char in head.decode("gb18030", "ignore") if char > "\x7f"]
    high = sum(1 for pair in pairs if pair[-1] >= 0x80)
    return high * 2 >= len(pairs)


def _delimiter(text: str, *, asked: str | None) -> str:
    if asked:
        return {"tab": "\t", "\\t": "\t"}.get(asked, asked)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return ","
    counts = {
        mark: len(next(csv.reader(io.StringIO(lines[0]), delimiter=mark))) for mark in _DELIMITERS
    }
    return max(_DELIMITERS, key=lambda mark: counts[mark])
