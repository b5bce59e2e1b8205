"""The mailbox behind PERENNIAL_IMAP_URL: what is new there, and marking it as seen.

imaps://user:password@host:993/INBOX, imap+tls:// (STARTTLS) or imap:// (plain, for a server
beside it); user and password percent-encoded.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from perennial.units.errors import EnvironmentFault
from perennial.units.sentence import sentence

PORTS = {"imap": 143, "imap+tls": 143, "imaps": 993}
TIMEOUT_SECONDS = 20.0
LARGEST_BYTES = 10 * 1024 * 1024
Faults = (OSError, imaplib.IMAP4.error)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail that nobody has seen. `content` is only its head when it is too large."""

    uid: str
    content: bytes
    is_whole: bool


def server(url: str) -> Server:
    """Raises EnvironmentFault, without the password, for an address that cannot work."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise EnvironmentFault(
            sentence("PERENNIAL_IMAP_URL is wrong: use imaps://user:password@host/INBOX."),
            code="wrong_setting",
        )
    return Server(
        parts.scheme,
        parts.hostname,
        parts.port or PORTS[parts.scheme],
        unquote(parts.username),
        unquote(parts.password or ""),
        unquote(parts.path.strip("/")) or "INBOX",
    )


@contextmanager
def opened(found: Server) -> Iterator[imaplib.IMAP4]:
    """A session in the folder. Raises one of Faults."""
    context = ssl.create_default_context()
    box: imaplib.IMAP4
    if found.scheme == "imaps":
        box = imaplib.IMAP4_SSL(
            found.host, found.port, ssl_context=context, timeout=TIMEOUT_SECONDS
        )
    else:
        box = imaplib.IMAP4(found.host, found.port, timeout=TIMEOUT_SECONDS)
    try:
        if found.scheme == "imap+tls":
            box.starttls(context)
        box.login(found.user, found.password)
        answer, _data = box.select(f'"{found.folder}"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {found.folder}")
        yield box
    finally:
        with suppress(*Faults):  # it may be gone
            box.logout()
        with suppress(OSError):
            box.shutdown()


def unseen(box: imaplib.IMAP4, *, limit: int) -> Iterator[Arrived]:
    """What nobody has seen, the oldest first; looking at it does not mark it."""
    _answer, found = box.uid("SEARCH", "UNSEEN")
    for raw in (found[0] or b"").split()[:limit]:
        uid = raw.decode("ascii")
        _answer, size = box.uid("FETCH", uid, "(RFC822.SIZE)")
        match = _SIZE.search(b" ".join(it for it in size if isinstance(it, bytes)))
        is_whole = match is not None and int(match[1]) <= LARGEST_BYTES
        what = "(BODY.PEEK[])" if is_whole else "(BODY.PEEK[HEADER])"
        _answer, parts = box.uid("FETCH", uid, what)
        content = next((it[1] for it in parts if isinstance(it, tuple)), b"")
        yield Arrived(uid, content, is_whole)


def mark_seen(box: imaplib.IMAP4, arrived: Arrived) -> None:
    """Only after what it said is committed: a mail that was not marked comes again."""
    box.uid("STORE", arrived.uid, "+FLAGS", r"(\Seen)")
