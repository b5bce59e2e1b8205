"""The intake driven as a server drives it, without a socket; and what then lies in the inbox."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import uvicorn
from asgiref.typing import ASGIReceiveEvent, ASGISendEvent, HTTPScope

from perennial.config.heads import BoundedHeads
from perennial.events.api.application import Intake
from perennial.events.api.keys import Entrance, Keys
from perennial.events.inbox.frames import Frame
from perennial.events.inbox.segments import tail
from perennial.events.inbox.writer import Inbox
from perennial.events.rules.keys import digest

KEY, OTHER_KEY, TIGHT_KEY = "sk_one", "sk_other", "sk_tight"
ENTRANCES = {
    KEY: Entrance(source=1, event_bytes=32 * 1024, batch_bytes=500 * 1024, bulk_bytes=100_000),
    OTHER_KEY: Entrance(source=2, event_bytes=32 * 1024, batch_bytes=500 * 1024),
    TIGHT_KEY: Entrance(3, 2048, 4096, 3, frozenset({"https://app.example.com"})),
}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def _pages(scope: Any, _receive: Any, send: Any) -> None:
    """What stands behind the intake."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


@dataclass
class Posting:
    intake: Intake
    inbox: Inbox
    folder: Path
    pieces: int = 1
    agent: str = "test/1.0"
    extra: Mapping[str, str] = field(default_factory=dict)

    def post(
        self,
        path: str,
        body: bytes | Any = b"",
        *,
        key: str | None = None,
        method: str = "POST",
        **headers: str,
    ) -> Reply:
        """`body` is sent as it is, anything but bytes as JSON; `key` goes by Basic."""
        wire = body if isinstance(body, bytes) else json.dumps(body).encode()
        return asyncio.run(self.request(path, wire, key=key, method=method, headers=headers))

    async def request(
        self,
        path: str,
        wire: bytes,
        *,
        key: str | None = None,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        fields = {"user-agent": self.agent, "host": "perennial.example.com"}
        if key is not None:
            fields["authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        fields |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        step = max(1, -(-len(wire) // self.pieces))
        parts = [wire[at : at + step] for at in range(0, len(wire), step)] or [b""]
        events = iter(
            {"type": "http.request", "body": part, "more_body": place < len(parts) - 1}
            for place, part in enumerate(parts)
        )
        sent: list[Any] = []

        async def receive() -> ASGIReceiveEvent:
            return cast(ASGIReceiveEvent, next(events, {"type": "http.disconnect"}))

        async def send(event: ASGISendEvent) -> None:
            sent.append(event)

        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "scheme": "https",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
        }
        await self.intake(cast(HTTPScope, scope), receive, send)
        start, end = sent
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], found, end["body"])

    def stored(self) -> list[Frame]:
        """What was made durable, the oldest first."""
        return tail(self.folder, 64 * 1024 * 1024)[::-1]


def keys_of(entrances: Mapping[str, Entrance] = ENTRANCES) -> Keys:
    by_digest = {digest(key): entrance for key, entrance in entrances.items()}
    return Keys(lambda: by_digest, close=lambda: None)


@contextmanager
def posting(folder: Path, *, keys: Keys | None = None) -> Iterator[Posting]:
    inbox, known = Inbox(folder / "inbox"), keys or keys_of()
    known.start()
    try:
        yield Posting(Intake(cast(Any, _pages), inbox=inbox, keys=known), inbox, folder / "inbox")
    finally:
        known.stop()
        inbox.close()


@contextmanager
def listening(folder: Path) -> Iterator[tuple[int, Posting]]:
    """The intake behind a real server on loopback; yields its port."""
    inbox, known = Inbox(folder / "inbox"), keys_of()
    intake = Intake(cast(Any, _pages), inbox=inbox, keys=known)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        cast(Any, intake), http=BoundedHeads, lifespan="on", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1], Posting(intake, inbox, folder / "inbox")
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
