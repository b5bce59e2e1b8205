"""How long the head of a request may be. The parser gathers an endless one without complaint, so
that anybody could fill the memory before a request even begins."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES: Final = 64 * 1024


class BoundedHeads(HttpToolsProtocol):
    """The server's HTTP, closing a connection whose head does not come to an end."""

    _head_bytes: int | None = None  # of the head that has begun and not ended

    def data_received(self, data: bytes) -> None:
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()
