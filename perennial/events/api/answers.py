"""What the intake answers. Clients drop what is answered with 4xx and resend after 5xx.

Rudder's Python client wants `code` and `message`, PostHog's `detail`; so errors have all three.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

JSON: Final = "application/json"
# Any page may post events, none may send cookies along. Browsers hide Retry-After otherwise.
CORS: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Retry-After",
}


class Answer:
    """What is sent back; its headers are made once, because most answers are the same."""

    def __init__(
        self,
        status: int,
        body: bytes = b"",
        *,
        content_type: str = JSON,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.body = status, body
        fields = {
            "content-type": content_type,
            "content-length": str(len(body)),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **CORS,
            **(extra or {}),
        }
        self.headers = [
            (it.encode("ascii"), value.encode("latin-1")) for it, value in fields.items()
        ]


class Refused(Exception):
    """The request is not taken; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def document(content: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(content).encode())


def refusal(
    status: int, code: str, message: str, *, extra: Mapping[str, str] | None = None
) -> Answer:
    content = {"success": False, "code": code, "message": message, "detail": message}
    return Answer(status, json.dumps(content).encode(), extra=extra)


ACCEPTED: Final = Answer(200, b'{"success": true}')
UNDECODABLE: Final = refusal(400, "undecodable", "The body cannot be decoded as JSON.")
TOO_LARGE: Final = refusal(400, "too_large", "The body is larger than this source allows.")
UNKNOWN_KEY: Final = refusal(401, "unknown_key", "The write key is unknown or revoked.")
FOREIGN_ORIGIN: Final = refusal(403, "foreign_origin", "This source takes no events from there.")
NOT_FOUND: Final = refusal(404, "not_found", "There is nothing at this address.")
NOT_ALLOWED: Final = refusal(
    405, "method_not_allowed", "Events are posted.", extra={"allow": "POST, OPTIONS"}
)


def too_many(retry_seconds: int) -> Answer:
    wait = {"retry-after": str(retry_seconds)}
    return refusal(429, "too_many", "More requests a minute than this source allows.", extra=wait)


def unavailable(code: str, message: str, *, retry_seconds: int = 1) -> Answer:
    return refusal(503, code, message, extra={"retry-after": str(retry_seconds)})


BUSY: Final = unavailable("busy", "Too much is under way. Send it again.")
TOO_SLOW: Final = unavailable("too_slow", "The body did not arrive in time. Send it again.")
KEYS_UNREADABLE: Final = unavailable(
    "keys_unreadable", "The write keys cannot be read just now. Send it again.", retry_seconds=5
)
NOT_STORED: Final = unavailable(
    "not_stored", "The event could not be stored durably. Send it again.", retry_seconds=5
)


def preflight(asked_headers: str) -> Answer:
    """A browser asks before it posts with headers of its own; whatever it asks for is fine."""
    letters = asked_headers.replace("-", "").replace(",", "").replace(" ", "")
    fits = letters.isascii() and letters.isalnum() and len(asked_headers) <= 1000
    return Answer(
        204,
        extra={
            "access-control-allow-methods": "GET, POST, OPTIONS",
            "access-control-allow-headers": asked_headers if fits else "*",
            "access-control-max-age": "86400",
        },
    )
