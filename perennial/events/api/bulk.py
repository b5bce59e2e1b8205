"""Whole files of events: POST /v1/import?format=… streams one to the disk, GET tells of it.

Only sources of kind server may; the worker imports the file as `perennial import` would.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from asgiref.typing import ASGIReceiveCallable, HTTPScope

from perennial.events.api import answers, arrival
from perennial.events.api.answers import Answer, Refused
from perennial.events.api.keys import Entrance, Keys
from perennial.events.inbox.bulk import (
    FORMATS,
    KINDS,
    RECORDED,
    BulkFile,
    Upload,
    folder_bytes,
    state_of,
)

PATH: Final = "/v1/import"
_ONE = re.compile(PATH + r"/([0-9a-f]{32})")
WAIT_SECONDS: Final = 60.0  # for the next piece of a body
WRITE_BYTES: Final = 1024 * 1024
AT_ONCE, OF_A_SOURCE = 4, 2
WAITING_FILES: Final = 4  # of the largest size: more than they take may not lie and wait
SERVER_ONLY: Final = answers.refusal(
    403, "server_only", "Files are taken from sources of kind server only."
)
BAD_QUESTION: Final = answers.refusal(
    400,
    "bad_question",
    "format is csv, ndjson or parquet; kind is events or daily; recorded is effective or now.",
)
EMPTY: Final = answers.refusal(400, "empty", "The body is empty.")
TOO_LARGE: Final = answers.refusal(
    400, "too_large", "The file is larger than the setting bulk_bytes allows.", extra=arrival.CLOSE
)
NO_FILE: Final = answers.refusal(404, "not_found", "This source has sent no file of this id.")


class Bulk:
    """`folder` is where files wait."""

    def __init__(self, folder: Path, *, keys: Keys) -> None:
        self._folder, self._keys = folder, keys
        self._under_way: Counter[int] = Counter()  # by source

    def is_addressed(self, scope: HTTPScope) -> bool:
        """A batch of Segment goes to the same address, without a format."""
        path = scope["path"].rstrip("/")
        return (path == PATH and b"format=" in scope["query_string"]) or bool(_ONE.fullmatch(path))

    async def answer(self, scope: HTTPScope, receive: ASGIReceiveCallable) -> Answer | None:
        """None when nobody waits for it any more."""
        one = _ONE.fullmatch(scope["path"].rstrip("/"))
        try:
            if scope["method"] != ("GET" if one else "POST"):
                return answers.NOT_ALLOWED
            entrance = self._entrance(scope)
            if one:
                told = await asyncio.to_thread(
                    state_of, self._folder, one[1], source=entrance.source
                )
                return answers.document({"success": True, **told}) if told else NO_FILE
            return await self._take(scope, receive, entrance)
        except Refused as refused:
            return refused.answer
        except OSError:
            return answers.NOT_STORED
        except arrival.Gone:
            return None

    def _entrance(self, scope: HTTPScope) -> Entrance:
        self._keys.start()
        if not self._keys.are_known():
            raise Refused(answers.KEYS_UNREADABLE)
        headers = arrival.headers_of(scope)
        for key in arrival.keys_outside(headers, scope["query_string"]):
            if entrance := self._keys.find(key):
                if not entrance.bulk_bytes:
                    raise Refused(SERVER_ONLY)
                return entrance
        raise Refused(answers.UNKNOWN_KEY)

    async def _take(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, entrance: Entrance
    ) -> Answer:
        file = _file(scope["query_string"], entrance.source)
        if arrival.headers_of(scope).length > entrance.bulk_bytes:
            raise Refused(TOO_LARGE)
        source, under_way = entrance.source, self._under_way
        if under_way.total() >= AT_ONCE or under_way[source] >= OF_A_SOURCE:
            raise Refused(answers.BUSY)
        under_way[source] += 1
        try:
            taken = await asyncio.to_thread(folder_bytes, self._folder)
            if taken > WAITING_FILES * entrance.bulk_bytes:
                raise Refused(answers.BUSY)
            await self._write(file, _portions(receive), most=entrance.bulk_bytes)
        finally:
            under_way[source] -= 1
        return answers.document({"success": True, "id": file.id})

    async def _write(self, file: BulkFile, portions: AsyncIterator[bytes], *, most: int) -> None:
        upload = await asyncio.to_thread(Upload, self._folder, file)
        size = 0
        try:
            async for portion in portions:
                size += len(portion)
                if size > most:
                    raise Refused(TOO_LARGE)
                await asyncio.to_thread(upload.write, portion)
            if not size:
                raise Refused(EMPTY)
            await asyncio.to_thread(upload.finish)
        except BaseException:
            upload.abort()
            raise


def _file(query: bytes, source: int) -> BulkFile:
    try:
        asked = parse_qs(query.decode("latin-1"), max_num_fields=50)
    except ValueError:
        raise Refused(BAD_QUESTION) from None
    format = asked.get("format", [""])[-1]
    kind = asked.get("kind", ["events"])[-1]
    recorded = asked.get("recorded", [""])[-1]
    if format not in FORMATS or kind not in KINDS or recorded not in ("", *RECORDED):
        raise Refused(BAD_QUESTION)
    return BulkFile(time.time_ns() // 1000, uuid.uuid4().hex, source, kind, recorded, format)


async def _portions(receive: ASGIReceiveCallable) -> AsyncIterator[bytes]:
    """The body in portions worth a write."""
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                event = await receive()
        except TimeoutError:
            raise Refused(answers.TOO_SLOW) from None
        if event["type"] != "http.request":
            raise arrival.Gone
        pieces.append(event["body"])
        size, more = size + len(event["body"]), event["more_body"]
        if size >= WRITE_BYTES or not more:
            yield b"".join(pieces)
            pieces, size = [], 0
