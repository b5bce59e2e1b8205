"""One client of the crash test: it sends, and insists until it hears 200.

client.py PORT KEY NAME SEED FOLDER. Ids that it sent and ids that were acknowledged are appended
to FOLDER/sent-NAME and FOLDER/acked-NAME, 16 bytes each, in this order: sent before the request
leaves, acknowledged after its 200. SIGTERM ends it after the request under way.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import signal
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CUSTOMERS, PEOPLE = 40, 400
TIMEOUT_SECONDS = 10.0
PAUSE_SECONDS = 0.05  # about 20 requests a second: the kills should do the damage, not the load
GIVES_UP, SAYS_AGAIN = 0.05, 0.1  # of failed, of acknowledged requests
REMEMBERED = 200  # bodies that may be said again, minutes later
AGENT = {"User-Agent": "crash-client/1.0", "Content-Type": "application/json"}


@dataclass(slots=True)
class Post:
    """A request: `body` without its time of sending, `ids` as the store keeps them."""

    path: str
    body: dict[str, Any]
    sent_name: str
    ids: bytes

    def text(self) -> bytes:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return json.dumps(self.body | {self.sent_name: now}).encode()


@dataclass(slots=True)
class Client:
    port: int
    key: str
    name: str
    random: random.Random
    sent: int  # file handles
    acked: int
    ending: bool = False
    connection: http.client.HTTPConnection | None = None
    earlier: list[Post] = field(default_factory=list)

    def run(self) -> None:
        while not self.ending:
            again = self.earlier and self.random.random() < SAYS_AGAIN
            post = self.random.choice(self.earlier) if again else self.make()
            if self.insist(post):
                self.earlier = [*self.earlier[-REMEMBERED:], post]
            time.sleep(self.random.random() * 2 * PAUSE_SECONDS)

    def insist(self, post: Post) -> bool:
        """Send until it is acknowledged, or until this client loses patience."""
        os.write(self.sent, post.ids)
        while not self.accepted(post):
            if self.random.random() < GIVES_UP:
                return False
            time.sleep(self.random.random() / 4)
        os.write(self.acked, post.ids)
        return True

    def accepted(self, post: Post) -> bool:
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=TIMEOUT_SECONDS
                )
            self.connection.request("POST", post.path, post.text(), AGENT)
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return False
        if answer.status not in {200, 503}:
            raise SystemExit(f"{self.name}: answered with {answer.status}")
        return answer.status == 200

    def make(self) -> Post:
        """A batch or a single event, in Segment's or in PostHog's words."""
        form = self.random.choices(["batch", "single", "posthog"], [5, 3, 2])[0]
        if form == "single":
            item, key = self.item()
            body = item | {"writeKey": self.key}
            return Post(f"/v1/{item['type']}", body, "sentAt", key)
        items, keys = zip(*(self.item() for _ in range(self.random.randint(1, 40))), strict=True)
        if form == "batch":
            body = {"writeKey": self.key, "batch": items}
            return Post("/v1/batch", body, "sentAt", b"".join(keys))
        body = {"api_key": self.key, "batch": [_as_posthog(item) for item in items]}
        return Post("/batch/", body, "sent_at", b"".join(keys))

    def item(self) -> tuple[dict[str, Any], bytes]:
        """An item of Segment, and its id as the store keeps it: a UUID's bytes, else an MD5."""
        person = self.random.randrange(PEOPLE)
        group = f"C{person % CUSTOMERS + 1}"
        kind = self.random.choices(["track", "page", "identify", "group"], [80, 10, 6, 4])[0]
        identity = uuid.UUID(int=self.random.getrandbits(128), version=4)
        text, key = str(identity), identity.bytes
        if self.random.random() < 0.3:
            text = f"{self.name}-{identity.hex[:24]}"
            key = hashlib.md5(text.encode(), usedforsecurity=False).digest()
        item: dict[str, Any] = {"type": kind, "messageId": text, "userId": f"u{person}"}
        if kind == "track":
            item |= {"event": self.random.choice(["Login", "Export", "Invite"]), "properties": {}}
        if kind == "identify":
            item |= {"traits": {"plan": self.random.choice(["gold", "free"])}}
        if kind == "group":
            item |= {"groupId": group}
        elif self.random.random() < 0.7:  # else by the person's last known group
            item |= {"context": {"groupId": group}}
        if (age := self.age()) is not None:
            item["timestamp"] = (datetime.now(UTC) - age).isoformat(timespec="milliseconds")
        return item, key

    def age(self) -> timedelta | None:
        """How old an item is when it is first sent; None: it tells no time."""
        draw = self.random.random()
        if draw < 0.15:
            return None
        if draw < 0.85:
            return timedelta(seconds=self.random.random() * 5)
        return timedelta(days=self.random.random() * (20 if draw < 0.97 else 200))


def _as_posthog(item: dict[str, Any]) -> dict[str, Any]:
    names = {"page": "$pageview", "identify": "$identify", "group": "$groupidentify"}
    group = f"C{int(item['userId'][1:]) % CUSTOMERS + 1}"
    said = {
        "event": names.get(item["type"]) or item["event"],
        "uuid": item["messageId"],
        "distinct_id": item["userId"],
        "properties": {"$groups": {"company": group}},
    }
    if item["type"] == "group":
        said["properties"] = {"$group_type": "company", "$group_key": group, "$group_set": {}}
    return said | ({"timestamp": item["timestamp"]} if "timestamp" in item else {})


def main(port: str, key: str, name: str, seed: str, folder: str) -> None:
    def opened(kind: str) -> int:
        return os.open(Path(folder) / f"{kind}-{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    client = Client(int(port), key, name, random.Random(seed), opened("sent"), opened("acked"))

    def end(_signal: int, _frame: object) -> None:
        client.ending = True

    signal.signal(signal.SIGTERM, end)
    client.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
