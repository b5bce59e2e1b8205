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
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from html.parser import HTMLParser

NOTE_CHARACTERS = 10_000
SUBJECT_CHARACTERS = 300
READ_CHARACTERS = 400_000  # of one part
MOST_ADDRESSES = 200
MOST_PARTS = 200
ENVELOPE = ("To", "Cc", "Bcc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,190}")
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
        sender=next(iter(_addresses(mail, ("From",))), ""),
        envelope=" ".join([*(_header(mail, it) for it in ENVELOPE), *_received(mail)])[:20_000],
        addresses=tuple(
            dict.fromkeys([*_addresses(mail, ("From", "To", "Cc")), *filter(None, [forwarded])])
        )[:MOST_ADDRESSES],
        forwarded_from=forwarded,
        subject=_line(_header(mail, "Subject"))[:SUBJECT_CHARACTERS],
        text=_bounded(_said(text, is_forwarded=bool(forwarded))),
        sent_at=_date(_header(mail, "Date")),
        attachments=attachments,
    )


def _header(mail: Message, name: str) -> str:
    """A header in plain letters, all of its occurrences; encoded words are read."""
    values = []
    for raw in mail.get_all(name, [])[:50]:
        try:
            header = policy.default.header_factory(name, str(raw).replace("\n", " ")[:20_000])
            values.append(str(header))
        except Exception:  # the parser of the standard library gives up on some of them
            values.append(str(raw)[:20_000])
    return _clean(" ".join(values))


def _received(mail: Message) -> list[str]:
    return [_clean(str(it)[:1000]) for it in mail.get_all("Received", [])[:20]]


def _addresses(mail: Message, names: tuple[str, ...]) -> list[str]:
    """The addresses of these headers, lower case; of decoded names none can be smuggled in."""
    raw = [str(it)[:20_000] for name in names for it in mail.get_all(name, [])[:10]]
    found = [address.lower() for _name, address in getaddresses(raw, strict=True)]
    return [it for it in found if _ADDRESS.fullmatch(it)]


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
    charset = str(part.get_content_charset() or "utf-8")
    for guess in (charset, "utf-8", "gb18030"):
        try:
            return raw.decode(guess)[:READ_CHARACTERS]
        except (LookupError, ValueError):
            continue
    return raw.decode("utf-8", "replace")[:READ_CHARACTERS]


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


class _Html(HTMLParser):
    """Text of HTML: blocks end lines, scripts and styles are not text."""

    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote"})
    _SILENT = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in self._SILENT:
            self._silent += 1
        elif tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def from_html(text: str) -> str:
    """What somebody would read of HTML."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    return "\n".join(line.strip() for line in "".join(parser.parts).splitlines()).strip()
