"""企业微信 (WeCom): the robot of a group chat.

Format and limits: https://developer.work.weixin.qq.com/document/path/91770 (text: 2,048 bytes of
UTF-8; errcode 0 is success). `<@…>` in a text would call somebody: < and > become full-width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qs

from perennial.notify.chat.sending import Chat, json_of

TEXT_BYTES = 2048


def _tokens(parts: SplitResult) -> Mapping[str, Any] | None:
    keys = parse_qs(parts.query).get("key", [])
    return {"key": keys[0]} if parts.path == "/cgi-bin/webhook/send" and len(keys) == 1 else None


def _refusal(answer: str) -> str:
    found = json_of(answer)
    if found.get("errcode") == 0:
        return ""
    return f"errcode {found.get('errcode')}: {found.get('errmsg', answer[:100])}"


def wide(text: str) -> str:
    return text.replace("<", "＜").replace(">", "＞")


CHAT = Chat(
    plugin=("wecombot", "NotifyWeComBot"),
    hosts=("qyapi.weixin.qq.com",),
    tokens=_tokens,
    fits=lambda text: len(text.encode()) <= TEXT_BYTES,
    refusal=_refusal,
    plain=wide,
)
