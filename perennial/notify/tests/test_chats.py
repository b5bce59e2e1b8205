"""What arrives at each chat, against the vendor's own documentation; written from the documents,
not from the library's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from perennial.notify.carriers import CHATS
from perennial.notify.chat import Message, NotTaken
from perennial.notify.tests.receiver import Receiver

pytestmark = pytest.mark.enable_socket

NOW = 1_782_856_800
MESSAGE = Message(
    "深圳铭森 · 活跃度骤降",
    '使用量下降 65%\n原因 <at user_id="all">',
    readers="周周",
    why="频道“客户成功”接收“预警”。",
    link="https://cs.example/customers/7/",
    wishes="https://cs.example/inbox/wishes/",
)
LINES = (
    '深圳铭森 · 活跃度骤降\nFor: 周周\n使用量下降 65%\n原因 ＜at user_id="all"＞\n'
    "https://cs.example/customers/7/\n频道“客户成功”接收“预警”。\nhttps://cs.example/inbox/wishes/"
)
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa",
    "feishu": "/open-apis/bot/v2/hook/c2a3d5b0-0000-4000-8000-00000000abcd",
    "dingtalk": "/robot/send?access_token=e9a8118c8a3dc685fab41df25b9dc865fd74",
    "slack": "/services/T0AAAAAAA/B0BBBBBBB/abcdefghijklmnopqrstuvwx",
}
ANSWERS = {
    "wecom": b'{"errcode": 0, "errmsg": "ok"}',
    "feishu": b'{"code": 0, "msg": "success", "data": {}}',
    "dingtalk": b'{"errcode": 0, "errmsg": "ok"}',
    "slack": b"ok",
}
# https://developer.work.weixin.qq.com/document/path/91770
# https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
# https://open.dingtalk.com/document/robots/custom-robot-access
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
BODIES: dict[str, Any] = {
    "wecom": {"msgtype": "text", "text": {"content": LINES}},
    "feishu": {"msg_type": "text", "content": {"text": LINES}},
    "dingtalk": {
        "msgtype": "text",
        "text": {"content": LINES},
        "at": {"atMobiles": [], "isAtAll": False},
    },
}
TEXTS = {
    "wecom": lambda body: body["text"]["content"],
    "feishu": lambda body: body["content"]["text"],
    "dingtalk": lambda body: body["text"]["content"],
    "slack": lambda body: body["attachments"][0]["blocks"][0]["text"]["text"],
}


def send(kind: str, receiver: Receiver, message: Message = MESSAGE, secret: str = "") -> Any:
    receiver.answer = ANSWERS[kind]
    CHATS[kind].send(receiver.url(PATHS[kind]), secret, message, now=NOW)
    got = receiver.got[-1]
    assert got.headers["content-type"].startswith("application/json")
    return json.loads(got.body)


@pytest.mark.parametrize("kind", BODIES)
def test_the_body_is_what_the_vendor_documents(kind: str, receiver: Receiver):
    assert send(kind, receiver) == BODIES[kind]
    assert receiver.got[0].path == PATHS[kind]


def test_slack_gets_a_section_in_which_nothing_calls_the_channel(receiver: Receiver):
    """https://docs.slack.dev/reference/block-kit/blocks/section-block; &, <, > are escaped."""
    body = send("slack", receiver, Message("<!channel> & Co", link="https://cs.example/"))
    (attachment,) = body["attachments"]
    assert attachment["blocks"] == [
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "&lt;!channel&gt; &amp; Co\nhttps://cs.example/",
            },
        }
    ]
    assert set(body) <= {"attachments", "username"}
    assert receiver.got[0].path == PATHS["slack"]


def test_dingtalk_is_signed_as_documented(receiver: Receiver):
    """Milliseconds; sign = urlEncode(base64(HMAC-SHA256(secret, timestamp + "\\n" + secret)))."""
    send("dingtalk", receiver, secret="SEC10d6e79b")
    asked = parse_qs(urlsplit(receiver.got[0].path).query, strict_parsing=True)
    stamp = str(NOW * 1000)
    digest = hmac.new(b"SEC10d6e79b", f"{stamp}\nSEC10d6e79b".encode(), hashlib.sha256).digest()
    assert asked["access_token"] == ["e9a8118c8a3dc685fab41df25b9dc865fd74"]
    assert (asked["timestamp"], asked["sign"]) == ([stamp], [base64.b64encode(digest).decode()])


def test_feishu_is_signed_as_documented(receiver: Receiver):
    """Seconds; in the body: sign = base64(HMAC-SHA256(timestamp + "\\n" + secret, ""))."""
    body = send("feishu", receiver, secret="abc")
    digest = hmac.new(f"{NOW}\nabc".encode(), b"", hashlib.sha256).digest()
    assert body.pop("timestamp") == str(NOW)
    assert body.pop("sign") == base64.b64encode(digest).decode()
    assert body == BODIES["feishu"]


@pytest.mark.parametrize(
    ("kind", "answer", "reason"),
    [
        ("wecom", b'{"errcode": 93000, "errmsg": "invalid webhook url"}', "93000: invalid webhook"),
        ("feishu", b'{"code": 19021, "msg": "sign match fail"}', "19021: sign match fail"),
        ("dingtalk", b'{"errcode": 310000, "errmsg": "sign not match"}', "310000: sign not match"),
        ("slack", b"invalid_payload", "invalid_payload"),
        ("wecom", b"<html>gateway</html>", "gateway"),
    ],
)
def test_a_refusal_with_status_200_is_a_failure(
    kind: str, answer: bytes, reason: str, receiver: Receiver
):
    receiver.answer = answer
    with pytest.raises(NotTaken) as refused:
        CHATS[kind].send(receiver.url(PATHS[kind]), "", MESSAGE, now=NOW)
    assert reason in refused.value.reason and refused.value.status == 200


@pytest.mark.parametrize("kind", CHATS)
@pytest.mark.parametrize("character", ["汉", "x"])
def test_a_long_message_is_cut_to_what_the_vendor_takes(
    kind: str, character: str, receiver: Receiver
):
    body = send(kind, receiver, Message("T", character * 50_000, link="https://cs.example/c/"))
    text = TEXTS[kind](body)
    sent = receiver.got[0].body
    match kind:
        case "wecom":
            assert 1800 < len(text.encode()) <= 2048
        case "slack":
            assert 2900 < len(text) <= 3000
        case "dingtalk":
            assert 18_000 < len(sent) <= 20_000
        case "feishu":
            assert 18_000 < len(sent) <= 20 * 1024
    assert text.startswith("T\n") and "…" in text
    assert text.endswith("The rest is here: https://cs.example/c/")


@pytest.mark.parametrize("kind", CHATS)
def test_even_a_title_without_end_is_sent(kind: str, receiver: Receiver):
    body = send(kind, receiver, Message("汉" * 50_000, link="https://cs.example/c/"))
    assert "https://cs.example/c/" in TEXTS[kind](body)
