"""How much a request may send. Django writes a whole body to disk before anybody is asked who
sent it; without a bound, a stranger could fill the disk."""

from __future__ import annotations

import re
from typing import Final

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPScope,
    Scope,
)
from django.conf import settings

FORM_BYTES = 8 * 1024 * 1024
UPLOAD_BYTES = 1024 * 1024 * 1024  # the page of imports says more kindly that 512 MB is the most
UPLOADS = "/imports/"
ATTACHMENT_BYTES = 1 << 20  # of form beside the largest file that the settings let through
ATTACHMENTS: Final = re.compile(r"/customers/\d+/talk/[a-z_]+/\d+/files/")


class Bounded:
    """An ASGI application behind the bound: 413 when a request says that it is larger, a closed
    connection when it turns out to be."""

    def __init__(self, application: ASGI3Application) -> None:
        self._application = application

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        most = _most(scope["path"])
        if _said_bytes(scope) > most:
            await _refuse(send)
            return
        left = most

        async def bounded() -> ASGIReceiveEvent:
            nonlocal left
            event = await receive()
            if event["type"] == "http.request":
                left -= len(event["body"])
                if left < 0:
                    return {"type": "http.disconnect"}
            return event

        await self._application(scope, bounded, send)


def _most(path: str) -> int:
    if path == UPLOADS:
        return UPLOAD_BYTES
    if ATTACHMENTS.fullmatch(path):
        return max(FORM_BYTES, (settings.PERENNIAL_FILE_MB << 20) + ATTACHMENT_BYTES)
    return FORM_BYTES


def _said_bytes(scope: HTTPScope) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return int(said) if said.isdigit() and len(said) < 20 else 0


async def _refuse(send: ASGISendCallable) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send(
        {"type": "http.response.start", "status": 413, "headers": headers, "trailers": False}
    )
    text = "The request is too large.\n请求太大。\n"
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})
