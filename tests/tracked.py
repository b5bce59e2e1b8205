"""A site that carries the tracking script, and an intake of another origin that records."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[1] / "sdk" / "perennial.js"
STRICT = "default-src 'none'; script-src {intake} 'self'; connect-src {intake}"


@dataclass
class Site:
    """`pages` by path; `answers` are the next statuses of the intake, 200 once they are used."""

    pages: dict[str, str] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    policy: str = ""
    bodies: list[bytes] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    slow_seconds: float = 0
    url: str = ""
    intake: str = ""

    def tag(self, **data: str) -> str:
        told = "".join(f' data-{name}="{value}"' for name, value in {"key": "k1", **data}.items())
        return f'<script async src="{self.intake}/sdk/perennial.js"{told}></script>'

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Every item of every body, whatever was answered."""
        return [item for body in self.bodies for item in json.loads(body)["batch"]]

    @property
    def landed(self) -> list[dict[str, Any]]:
        """The items of the bodies that were accepted, in the order of arrival."""
        both = zip(self.bodies, self.statuses, strict=False)
        return [it for body, status in both if status == 200 for it in json.loads(body)["batch"]]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [it for it in self.landed if it.get("event", it["type"]) == name]

    def wait(self, count: int, name: str = "", seconds: float = 15) -> list[dict[str, Any]]:
        """The landed items (of a name), once there are so many."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.events(name) if name else self.landed
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{count} × {name or 'any'} did not land: {self.landed}")


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None: ...

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            if kind == "text/html" and site.policy:
                self.send_header("Content-Security-Policy", site.policy.format(intake=site.intake))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/sdk/perennial.js":
                return self.answer(200, SCRIPT.read_bytes(), "text/javascript; charset=utf-8")
            if path.endswith(".js"):
                return self.answer(200, site.pages[path].encode(), "text/javascript")
            page = site.pages.get(path, site.pages.get("/", ""))
            html = f'<!doctype html><html lang="en"><meta charset="utf-8">{page}</html>'
            return self.answer(200, html.encode(), "text/html")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(site.slow_seconds)
            status = site.answers.pop(0) if site.answers else 200
            site.headers.append(dict(self.headers))
            site.bodies.append(body)
            site.statuses.append(status)
            self.answer(status, b'{"success": true}', "application/json")

    return Handler


@contextmanager
def tracked() -> Iterator[Site]:
    """Two loopback servers: the site's own origin and the intake's."""
    site = Site()
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(site)) for _ in range(2)]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    site.url, site.intake = (f"http://127.0.0.1:{it.server_address[1]}" for it in servers)
    try:
        yield site
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
