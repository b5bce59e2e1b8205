"""飞书 (Feishu, outside China Lark): the custom robot of a group chat.

Format and limits: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (a request
has at most 20 KB; code 0 is success; with signature check the body carries `timestamp` and
`sign`). `<at …>` in a text would call somebody: < and > become full-width.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from perennial.notify.chat.sending import Chat, json_of
from perennial.notify.wecom import wide

REQUEST_BYTES = 20 * 1024
_BESIDE = 512  # what stands around the text, signature included
_PATH = "/open-apis/bot/v2/hook/"


def _tokens(parts: SplitResult) -> Mapping[str, Any] | None:
    token = parts.path.removeprefix(_PATH)
    is_hook = parts.path.startswith(_PATH) and token and "/" not in token and not parts.query
    return {"token": token} if is_hook else None


def _fits(text: str) -> bool:
    return len(json.dumps(text)) <= REQUEST_BYTES - _BESIDE  # as it travels: \\uXXXX


def _refusal(answer: str) -> str:
    found = json_of(answer)
    if found.get("code", found.get("StatusCode")) == 0:
        return ""
    return f"code {found.get('code')}: {found.get('msg', answer[:100])}"


def sign(url: str, body: bytes, secret: str, now: int) -> tuple[str, bytes]:
    """The key is the time and the secret, what is signed is empty: as Feishu documents it."""
    digest = hmac.new(f"{now}\n{secret}".encode(), b"", hashlib.sha256).digest()
    signed = {"timestamp": str(now), "sign": base64.b64encode(digest).decode()}
    return url, json.dumps({**signed, **json.loads(body)}).encode()


CHAT = Chat(
    plugin=("feishu", "NotifyFeishu"),
    hosts=("open.feishu.cn", "open.larksuite.com"),
    tokens=_tokens,
    fits=_fits,
    refusal=_refusal,
    plain=wide,
    sign=sign,
)
