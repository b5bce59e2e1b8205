"""Webhooks: JSON to an address of the company's own, signed as https://www.standardwebhooks.com
says, so that libraries of many languages can check it.

    webhook-id: the message's id, the same when it is sent again
    webhook-timestamp: Unix seconds of this try
    webhook-signature: v1,base64(HMAC-SHA256(secret, "id.timestamp.body"))
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from uuid import UUID

from perennial.notify.chat.message import NotTaken
from perennial.notify.outgoing import post

PREFIX = "whsec_"
LARGEST_BYTES = 64 * 1024


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def signature(secret: str, *, message_id: str, now: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{now}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def send(
    address: str, secret: str, content: Mapping[str, object], *, message_id: UUID, now: int
) -> int:
    """Post it; the status, a 2xx. Raises NotTaken, InputRefused for the address, OSError."""
    body = json.dumps(content, ensure_ascii=False).encode()
    if len(body) > LARGEST_BYTES:
        raise NotTaken(f"larger than {LARGEST_BYTES} bytes")
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Perennial",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, message_id=str(message_id), now=now, body=body),
    }
    answer = post(address, body=body, headers=headers)
    if not 200 <= answer.status < 300:
        raise NotTaken(f"HTTP {answer.status}: {answer.text[:200]}", status=answer.status)
    return answer.status
