"""Addresses that people entered: where we go, and where we never go."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from perennial.notify import carriers, outgoing
from perennial.notify.outgoing import Refused, posting
from perennial.notify.tests.receiver import Receiver, receiving
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False),
        ("fe80::1%eth0", False), ("fd00::1", False), ("2001:4860:4860::8888", True),
        ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)  # fmt: skip
def test_only_the_open_internet_is_public(address: str, public: bool):
    assert outgoing.is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://x/",
        "https://", "https://user:secret@example.com/", "https://exa mple.com/", "javascript:1",
        "https://example.com:99999/", "https://[::1/", "https://例子.cn/",
        "https://a/" + "x" * 2000, "https://a/\r\nHost: b",
    ],
)  # fmt: skip
def test_what_is_no_https_address_is_refused(url: str):
    with pytest.raises(Refused):
        outgoing.checked(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_no_spelling_of_this_machine_is_reached(host: str):
    with pytest.raises((Refused, OSError)), receiving() as box:
        outgoing.post(f"https://{host}:{box.port}/", body=b"", headers={})


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch):
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: inside)
    with pytest.raises(Refused, match="private"):
        outgoing.post("https://rebound.example/", body=b"", headers={})


def test_the_name_is_looked_up_once_and_the_checked_address_is_called(
    monkeypatch: pytest.MonkeyPatch,
):
    """Rebinding: a second look-up would answer with an address inside."""
    answers = iter(["93.184.216.34", "127.0.0.1"])
    called: list[Any] = []

    def look_up(_host: str, port: int, **_rest: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: tuple[str, int], **_rest: Any) -> Any:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        outgoing.post("https://rebound.example/", body=b"", headers={})
    assert called == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (307, "http://10.0.0.1/"), (308, "https://192.168.0.1/"), (302, "http://169.254.169.254/"),
        (307, "ftp://example.com/"), (303, "https://8.8.8.8/"),
    ],
)  # fmt: skip
def test_a_redirect_inside_is_refused(receiver: Receiver, status: int, location: str):
    receiver.status, receiver.location = status, location
    with pytest.raises(Refused):
        outgoing.post(receiver.url("/"), body=b"{}", headers={})
    assert len(receiver.got) == 1


def test_a_redirect_that_keeps_the_message_is_followed_and_a_circle_ends(receiver: Receiver):
    with receiving() as second:
        receiver.status, receiver.location = 307, second.url("/there")
        assert outgoing.post(receiver.url("/"), body=b"{}", headers={}).status == 200
        assert (second.got[0].path, second.got[0].body) == ("/there", b"{}")
    receiver.location = receiver.url("/")
    with pytest.raises(Refused, match="too often"):
        outgoing.post(receiver.url("/"), body=b"", headers={})


def test_a_silent_server_is_not_waited_for(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(posting, "TIMEOUT_SECONDS", 0.2)
    receiver.waits = 1
    began = time.monotonic()
    with pytest.raises(OSError, match="timed out"):
        outgoing.post(receiver.url("/"), body=b"", headers={})
    assert time.monotonic() - began < 1


def test_an_answer_without_end_is_read_only_so_far(receiver: Receiver):
    receiver.answer = b"x" * 1_000_000
    assert len(outgoing.post(receiver.url("/"), body=b"", headers={}).text) == 65_536


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("wecom", "https://evil.example/cgi-bin/webhook/send?key=a"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?token=a"),
        ("slack", "https://hooks.slack.com/services/T0/B0"),
    ],
)
def test_each_chat_takes_only_the_addresses_of_its_vendor(kind: str, url: str):
    with pytest.raises(InputRefused):
        carriers.check(kind, url)


@pytest.mark.parametrize("kind", ["wecom", "feishu", "dingtalk", "slack"])
def test_the_addresses_that_vendors_give_are_taken(kind: str):
    given = {
        "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aoc",
        "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/c2a3d5b0-abcd",
        "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=e9a8",
        "slack": "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/abcdefgh",
    }
    carriers.check(kind, given[kind])
    assert given[kind][-5:] not in carriers.masked(given[kind])
