"""What a file is: by its first bytes, never by its name.

Pictures, PDF, office files and plain text are served as what they are; everything that a browser
or a computer would run (pages, scripts, programs) as mere bytes. A name that promises one kind
while the content is another is a lie, and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

BYTES = "application/octet-stream"
TEXT = "text/plain"
HEAD = 4096  # bytes that are looked at
_OFFICE = "application/vnd.openxmlformats-officedocument"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"ID3", "audio/mpeg"),
)
_RUNS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")
_MARKUP = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml", b"<head", b"<body", b"<iframe")
# What a name promises; "" stands for text.
_PROMISES: dict[str, frozenset[str]] = {
    "pdf": frozenset({"application/pdf"}),
    "png": frozenset({"image/png"}),
    "jpg": frozenset({"image/jpeg"}),
    "jpeg": frozenset({"image/jpeg"}),
    "gif": frozenset({"image/gif"}),
    "webp": frozenset({"image/webp"}),
    "mp4": frozenset({"video/mp4"}),
    "zip": frozenset({"application/zip"}),
    "docx": frozenset({"application/zip"}),
    "xlsx": frozenset({"application/zip"}),
    "pptx": frozenset({"application/zip"}),
    "doc": frozenset({"application/x-ole-storage", "application/zip"}),
    "xls": frozenset({"application/x-ole-storage", "application/zip", TEXT}),
    "ppt": frozenset({"application/x-ole-storage", "application/zip"}),
    "txt": frozenset({TEXT}),
    "csv": frozenset({TEXT}),
    "md": frozenset({TEXT}),
}
_OFFICE_TYPES = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
}


@dataclass(frozen=True, slots=True)
class Nature:
    """`media_type`: what it is served as. `lies`: its name promises another kind."""

    media_type: str
    lies: bool


def nature(name: str, head: bytes) -> Nature:
    """What a file is by its first `HEAD` bytes, and whether its name says otherwise."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    kind = _kind(head)
    promised = _PROMISES.get(ending)
    if promised is not None and head and kind not in promised:
        return Nature(BYTES, lies=True)
    if kind == "application/zip":
        return Nature(_OFFICE_TYPES.get(ending, kind), lies=False)
    return Nature(kind, lies=False)


def _kind(head: bytes) -> str:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(_RUNS):
        return BYTES
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_MARKUP) or any(mark in head.lower() for mark in _MARKUP):
        return BYTES
    return TEXT if _is_text(head) else BYTES


def _is_text(head: bytes) -> bool:
    """UTF-8 or GB18030, without control characters; the last character may be cut off."""
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in head):
        return False
    return any(_decodes(head, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    for cut in range(4):
        try:
            head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
