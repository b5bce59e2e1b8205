"""One POST to an address that somebody entered; redirects are checked like the first address."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin

from perennial.notify.outgoing.addresses import Refused, checked, resolved
from perennial.units.sentence import sentence

TIMEOUT_SECONDS = 10.0  # of each wait
LONGEST_SECONDS = 20.0  # of the whole answer: a server that drips is no better than a silent one
ANSWER_BYTES = 65_536
HOPS = 3
_KEPT = {307, 308}  # the redirects that keep a POST what it is
_REDIRECTS = _KEPT | {301, 302, 303}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str  # the first 64 KB


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], hosts: Collection[str] = ()
) -> Answer:
    """Post to an address; what the last hop answered, whatever its status.

    Raises Refused for an address we do not call, at any hop, and OSError (timeouts and TLS
    faults are) when no answer came.
    """
    for _hop in range(HOPS + 1):
        parts = checked(url, hosts=hosts)
        try:
            answer, location = _once(parts, body, headers)
        except http.client.HTTPException as error:
            raise ConnectionError(f"no HTTP answer ({type(error).__name__})") from error
        if answer.status not in _REDIRECTS or not location:
            return answer
        url = urljoin(url, location)
        checked(url, hosts=hosts)
        if answer.status not in _KEPT:
            raise Refused(sentence("The address redirects with {status}, which loses the message."),
                          params={"status": str(answer.status)})  # fmt: skip
    raise Refused(sentence("The address redirects too often."))


def _once(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> tuple[Answer, str]:
    host = parts.hostname or ""
    is_tls = parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    connection.sock = _connected(host, port, is_tls=is_tls)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body=body, headers={**headers, "Host": parts.netloc})
        found = connection.getresponse()
        return Answer(found.status, _read(found)), found.headers.get("Location", "")
    finally:
        connection.close()


def _connected(host: str, port: int, *, is_tls: bool) -> socket.socket:
    """A connection to one of the checked addresses; the name is not looked up again."""
    last: OSError | None = None
    for address in resolved(host, port):
        try:
            plain = socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
        except OSError as error:
            last = error
            continue
        if not is_tls:
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise
    raise last or ConnectionError("the host has no address")


def _read(answer: http.client.HTTPResponse) -> str:
    ends_at = time.monotonic() + LONGEST_SECONDS
    parts: list[bytes] = []
    size = 0
    while size < ANSWER_BYTES and (part := answer.read1(ANSWER_BYTES - size)):
        parts.append(part)
        size += len(part)
        if time.monotonic() > ends_at:
            raise TimeoutError("the answer took too long")
    return b"".join(parts).decode("utf-8", "replace")
