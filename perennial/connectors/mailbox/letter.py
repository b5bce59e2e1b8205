"""A mail as bytes → what counts of it. Pure, and content with anything.

1. Broken charsets, missing headers, HTML alone and parts without end are read as far as they go.
2. The text is cut where the quoted history begins; attachments are counted, never kept.
3. Of a forwarded mail, the sender is the original one.
4. A date in the future is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from html import unescape

import nh3

NOTE_CHARACTERS = 10_000
SUBJECT_CHARACTERS = 300
READ_CHARACTERS = 400_000  # of one part
MOST_ADDRESSES = 200
MOST_PARTS = 200
ENVELOPE = ("To", "Cc", "Bcc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,190}")
_NAME = re.compile(r'"[^"]*"|=\?[^?\s]*\?[bqBQ]\?[^?\s]*\?=|\([^)]*\)')
_FORWARDED = re.compile(
    r"^(-+ ?(forwarded message|original message|转发的?邮件|转发信息|原始邮件) ?-+"
    r"|begin forwarded message:|以下是转发的邮件)",
    re.IGNORECASE | re.MULTILINE,
)
_FROM_LINE = re.compile(
    r"^[>* ]*(?:From|发件人|寄件者)\s*[:：][* ]*(.+)$", re.IGNORECASE | re.MULTILINE
)
_HISTORY = re.compile(
    r"^(>|-+ ?(original message|原始邮件) ?-+|_{20,}"
    r"|(on|am|在|于) .{5,120}(wrote|写道|寫道|schrieb)\s*[:：]\s*$"
    r"|.{0,80}\d{4}.{0,40}(wrote|写道|寫道)\s*[:：]\s*$|(发件人|From)\s*[:：].+@)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `text` without its history; `addresses` are everybody's in it."""

    message_id: str  # a digest: the same mail twice has the same
    sender: str
    envelope: str  # all headers that may name the secret address
    addresses: tuple[str, ...]
    forwarded_from: str
    subject: str
    text: str
    sent_at: datetime | None
    attachments: int


def read(content: bytes) -> Letter:
    """The letter in a mail; never raises for what stands in it."""
    mail = message_from_bytes(content, policy=policy.compat32)
    found = _header(mail, "Message-ID").strip()
    text, attachments = _body(mail)
    forwarded = _original_sender(text)
    return Letter(
        message_id=sha256(found.encode() if found else content).hexdigest()[:40],
        sender=_sender(mail),
        envelope=" ".join([*(_header(mail, it) for it in ENVELOPE), *_received(mail)])[:20_000],
        addresses=tuple(dict.fromkeys([*_addresses(mail), *filter(None, [forwarded])]))[
            :MOST_ADDRESSES
        ],
        forwarded_from=forwarded,
        subject=_line(_header(mail, "Subject"))[:SUBJECT_CHARACTERS],
        text=_bounded(_said(text, is_forwarded=bool(forwarded))),
        sent_at=_date(_header(mail, "Date")),
        attachments=attachments,
    )


def _raw(mail: Message, name: str) -> list[str]:
    """A header as it travels, all of its occurrences; bytes that should not be there are read."""
    found = [str(value) for key, value in mail.raw_items() if key.lower() == name.lower()]
    return [_decoded(it.encode("utf-8", "surrogateescape"))[:20_000] for it in found[:50]]


def _decoded(raw: bytes, charset: str = "utf-8") -> str:
    """Text of bytes whose charset may lie."""
    for guess in (charset, "utf-8", "gb18030"):
        try:
            return raw.decode(guess)
        except (LookupError, ValueError):
            continue
    return raw.decode("utf-8", "replace")


def _header(mail: Message, name: str) -> str:
    """A header in plain letters; encoded words are read."""
    return _clean(" ".join(map(_words, _raw(mail, name))))


def _words(raw: str) -> str:
    try:
        return str(make_header(decode_header(raw.replace("\r", " ").replace("\n", " "))))
    except (LookupError, ValueError, HeaderParseError):
        return raw


def _received(mail: Message) -> list[str]:
    return [_clean(it[:1000]) for it in _raw(mail, "Received")[:20]]


def _sender(mail: Message) -> str:
    """The one address in the one From; anything else is nobody's."""
    raw = _raw(mail, "From")
    found = _in_header(raw[0]) if len(raw) == 1 else []
    return found[0] if len(found) == 1 else ""


def _addresses(mail: Message) -> list[str]:
    """The addresses of those who wrote it and got it, lower case."""
    headers = [it for name in ("From", "To", "Cc") for it in _raw(mail, name)[:10]]
    return [address for it in headers for address in _in_header(it)]


def _in_header(raw: str) -> list[str]:
    """Addresses as they travel: what stands in quotes or in encoded words is a name."""
    bare = _NAME.sub(" ", raw[:20_000])
    return [it.lower() for it in _ADDRESS.findall(bare)]


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _body(mail: Message) -> tuple[str, int]:
    """The text, from the plain part if there is one, and how many attachments there are."""
    plain: list[str] = []
    rich: list[str] = []
    attachments = 0
    for part in _parts(mail):
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        is_text = kind in ("text/plain", "text/html")
        if part.get_filename() or part.get_content_disposition() == "attachment" or not is_text:
            attachments += 1
        else:
            (plain if kind == "text/plain" else rich).append(_text(part))
    text = "\n".join(plain).strip()
    return (text or "\n".join(map(from_html, rich))), attachments


def _parts(mail: Message) -> Iterator[Message]:
    for count, part in enumerate(mail.walk()):
        if count >= MOST_PARTS:
            return
        yield part


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    return _decoded(raw, str(part.get_content_charset() or "utf-8"))[:READ_CHARACTERS]


def _original_sender(text: str) -> str:
    """Who wrote the mail that was forwarded; empty: none was."""
    mark = _FORWARDED.search(text[:20_000])
    if mark is None:
        return ""
    line = _FROM_LINE.search(text, mark.end(), mark.end() + 2_000)
    address = _ADDRESS.search(line[1]) if line else None
    return address[0].lower() if address else ""


def _said(text: str, *, is_forwarded: bool) -> str:
    """Up to the quoted history; of a forwarded mail everything, for the history is the point."""
    if is_forwarded:
        return text
    kept = []
    for line in text.splitlines():
        if _HISTORY.match(line[:300]):
            break
        kept.append(line)
    own = "\n".join(kept).strip()
    return own or text  # an answer below its quotation: better all of it than nothing


def _bounded(text: str) -> str:
    clean = re.sub(r"\n{3,}", "\n\n", "\n".join(_clean(it).rstrip() for it in text.splitlines()))
    return clean.strip()[:NOTE_CHARACTERS]


def _line(text: str) -> str:
    return " ".join(text.split())


def _clean(text: str) -> str:
    """Without control characters, half a surrogate pair, and what turns a line round."""
    return "".join(map(_harmless, text.encode("utf-8", "replace").decode("utf-8")))


def _harmless(letter: str) -> str:
    if letter in _TURNS or not (letter.isprintable() or letter in "\t\u3000"):
        return ""
    return letter


_TURNS = {chr(it) for it in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}


_BLOCK = re.compile(r"<(/?)(p|div|br|li|tr|h[1-6]|blockquote)\b[^<>]{0,2000}>", re.IGNORECASE)


def from_html(text: str) -> str:
    """What somebody would read of HTML: blocks are lines, scripts and styles are nothing."""
    lined = _BLOCK.sub("\n", re.sub(r"\s+", " ", text))
    bare = unescape(nh3.clean(lined, tags=set()))
    return "\n".join(line.strip() for line in bare.splitlines()).strip()
