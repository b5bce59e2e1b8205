"""钉钉 (DingTalk): the custom robot of a group chat.

Format and limits: https://open.dingtalk.com/document/robots/custom-robot-access (a message has
at most 20,000 bytes; errcode 0 is success; with 加签 the address carries `timestamp` in
milliseconds and `sign`). Only the field `at` calls somebody, and it stays empty.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote

from perennial.notify.chat.sending import Chat, json_of
from perennial.notify.wecom import wide

MESSAGE_BYTES = 20_000
_BESIDE = 200


def _tokens(parts: SplitResult) -> Mapping[str, Any] | None:
    tokens = parse_qs(parts.query).get("access_token", [])
    return {"token": tokens[0]} if parts.path == "/robot/send" and len(tokens) == 1 else None


def _refusal(answer: str) -> str:
    found = json_of(answer)
    if found.get("errcode") == 0:
        return ""
    return f"errcode {found.get('errcode')}: {found.get('errmsg', answer[:100])}"


def sign(url: str, body: bytes, secret: str, now: int) -> tuple[str, bytes]:
    """Signed by ourselves: apprise encodes the signature twice."""
    at = now * 1000
    digest = hmac.new(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}&timestamp={at}&sign={quote(base64.b64encode(digest), safe='')}", body


CHAT = Chat(
    plugin=("dingtalk", "NotifyDingTalk"),
    hosts=("oapi.dingtalk.com",),
    tokens=_tokens,
    fits=lambda text: len(json.dumps(text)) <= MESSAGE_BYTES - _BESIDE,
    refusal=_refusal,
    plain=wide,
    sign=sign,
)
