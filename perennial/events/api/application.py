"""The road of one request: route → body → JSON → key → limits → durable → 200.

What concerns a whole request is judged here, because the client must be told; what concerns an
item is judged by the loader, so that a bad item never fails its batch.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Final

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPScope,
    Scope,
)

from perennial.events.api import answers, arrival, bodies, sidelines
from perennial.events.api.answers import Answer, Refused
from perennial.events.api.bounds import Hold, Rates, UnderWay
from perennial.events.api.bulk import Bulk
from perennial.events.api.envelopes import Envelope, envelope_of
from perennial.events.api.keys import Entrance, Keys
from perennial.events.api.routes import ROUTES, Route
from perennial.events.inbox.frames import Frame
from perennial.events.inbox.writer import Inbox, NotDurable

# A body on the wire may be larger than its limit: base64 in a form, escaped.
WIRE_FACTOR: Final = 2
ItemKeys = Mapping[int, list[str]]
log = logging.getLogger(__name__)


class Intake:
    """An ASGI application: takes what is addressed to the intake, hands on everything else."""

    def __init__(self, application: ASGI3Application, *, inbox: Inbox, keys: Keys) -> None:
        self._application = application
        self._inbox, self._keys = inbox, keys
        self._bulk = Bulk(inbox.folder / "bulk", keys=keys)
        self._under_way, self._rates = UnderWay(), Rates()

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            await self._application(scope, receive, send)
        elif self._bulk.is_addressed(scope):
            await send_answer(send, await self._bulk.answer(scope, receive))
        elif route := ROUTES.get(scope["path"]):
            await send_answer(send, await self._answer(scope, receive, route))
        elif answer := sidelines.answer(scope, self._keys):
            await send_answer(send, answer)
        else:
            await self._application(scope, receive, send)

    async def _live(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Between start and end of the server; at the end what is written is sealed."""
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                self._keys.start()
                await send({"type": "lifespan.startup.complete"})
            elif event["type"] == "lifespan.shutdown":
                self._keys.stop()
                self._inbox.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, route: Route
    ) -> Answer | None:
        """The answer of an intake address; None when nobody waits for it any more."""
        hold = Hold(self._under_way)
        try:
            if scope["method"] == "OPTIONS":
                return answers.preflight(arrival.headers_of(scope).asked_headers)
            if scope["method"] != "POST":
                return answers.NOT_ALLOWED
            return await self._accept(scope, receive, route, hold)
        except Refused as refused:
            return refused.answer
        except NotDurable:
            return answers.NOT_STORED
        except arrival.Gone:
            return None
        except MemoryError:
            return answers.BUSY
        finally:
            hold.release()

    async def _accept(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, route: Route, hold: Hold
    ) -> Answer:
        headers = arrival.headers_of(scope)
        query = scope["query_string"]
        self._keys.start()
        if not self._keys.are_known():
            raise Refused(answers.KEYS_UNREADABLE)
        entrance = self._find(arrival.keys_outside(headers, query))
        if entrance:
            hold.belongs_to(entrance.source)
        most = self._keys.largest_body
        wire = await arrival.body_of(
            receive, said=headers.length, most=most * WIRE_FACTOR, hold=hold
        )
        received_us = time.time_ns() // 1000
        body = bodies.text_of(wire, encoding=headers.encoding, most=most)
        hold.add(len(body) if body is not wire else 0)
        envelope = envelope_of(body, route)
        entrance, named = self._find_inside(envelope, entrance)
        hold.belongs_to(entrance.source)
        self._check(entrance, len(body), is_batch=envelope.is_batch, origin=headers.origin)
        await self._inbox.append(
            Frame(
                received_us=received_us,
                source=entrance.source,
                route=route.name,
                agent=headers.agent,
                body=envelope.body,
                sent_us=arrival.sent_us(query),
                refused={**envelope.refused, **self._foreign(named, entrance)},
            )
        )
        return answers.ACCEPTED

    def _find(self, keys: Iterable[str]) -> Entrance | None:
        return next((entrance for key in keys if (entrance := self._keys.find(key))), None)

    def _find_inside(
        self, envelope: Envelope, outside: Entrance | None
    ) -> tuple[Entrance, ItemKeys]:
        """By the first good key: outside of the body, in the envelope, in an item; and the keys
        that stand in the items, which must be good for the same source."""
        named = envelope.named
        entrance = outside or self._find(envelope.keys) or self._find(_each(named))
        if entrance is None:
            named = envelope.hinted
            entrance = self._find(_each(named))
        if entrance is None:
            raise Refused(answers.UNKNOWN_KEY)
        return entrance, named

    def _check(self, entrance: Entrance, size: int, *, is_batch: bool, origin: str) -> None:
        if size > (entrance.batch_bytes if is_batch else entrance.event_bytes):
            raise Refused(answers.TOO_LARGE)
        if entrance.origins and origin not in entrance.origins:
            raise Refused(answers.FOREIGN_ORIGIN)
        if entrance.requests_per_minute is not None:
            self._rates.count(entrance.source, entrance.requests_per_minute)

    def _foreign(self, named: ItemKeys, entrance: Entrance) -> dict[int, str]:
        """Items that name a key, but none of this source: they go to the rejects."""
        good = {}
        for key in _each(named):
            found = self._keys.find(key)
            good[key] = found is not None and found.source == entrance.source
        return {
            place: "foreign_key"
            for place, keys in named.items()
            if not any(good[key] for key in keys)
        }


def _each(named: ItemKeys) -> Iterable[str]:
    """Each key once: the items of a batch mostly name the same."""
    return dict.fromkeys(key for keys in named.values() for key in keys)


async def send_answer(send: ASGISendCallable, answer: Answer | None) -> None:
    if answer is None:
        return
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": answer.headers,
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
