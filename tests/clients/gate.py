"""A gate between a client and the server: lets requests through, says 503 first, or keeps an
answer back until the server was killed."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EVENTS = ("/v1/", "/batch", "/capture", "/e/", "/i/")
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(slots=True)
class Gate:
    """How the requests of one client fare. `refuse`: so many posts of events are answered 503
    before they reach the server. `hold`: the first one is accepted by the server, but the client
    never hears of it; `held` tells that it came so far, `lost` and `back` that the server was
    killed and is there again."""

    upstream: int
    refuse: int = 0
    hold: bool = False
    held: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)
    back: threading.Event = field(default_factory=threading.Event)
    statuses: list[int] = field(default_factory=list)  # of posts of events, as clients saw them
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turn_away(self) -> bool:
        with self.lock:
            self.refuse -= 1
            return self.refuse >= 0

    def first(self) -> bool:
        with self.lock:
            first, self.hold = self.hold, False
            return first

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            upstream.request(method, path, body or None, headers)
            answer = upstream.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            upstream.close()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate

    def do_POST(self) -> None:
        body = self._body()
        if not self.path.startswith(EVENTS):
            self._say(self._forward(body))
        elif self.gate.turn_away():
            self.gate.statuses.append(503)
            self._say(Answer(503, [("access-control-allow-origin", "*")], b""))
        elif self.gate.first():
            assert self._forward(body).status == 200
            self.gate.held.set()
            self.gate.lost.wait(60)
            self.gate.statuses.append(0)
            self.close_connection = True
        else:
            if self.gate.held.is_set():
                self.gate.back.wait(60)
            answer = self._forward(body)
            self.gate.statuses.append(answer.status)
            self._say(answer)

    def do_GET(self) -> None:
        self._say(self._forward(b""))

    do_OPTIONS = do_GET  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _forward(self, body: bytes) -> Answer:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        return self.gate.forward(self.command, self.path, headers, body)

    def _say(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def opened(gate: Gate) -> Iterator[str]:
    """The address of a gate that is open."""
    handler = type("Handler", (_Handler,), {"gate": gate})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients hang up
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
