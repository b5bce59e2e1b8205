"""Reading mails: what people send, and what hostile ones try."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from perennial.connectors.mailbox.letter import NOTE_CHARACTERS, from_html, read

HEAD = b"From: Z <zhou@cs.example>\r\nTo: Li <li@mingsen.example>\r\nSubject: Hello\r\n"


def mail(body: bytes, head: bytes = HEAD, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    return head + b"Content-Type: " + kind + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("好的。\n\n在 2026年7月1日 10:00，李总 <li@mingsen.example> 写道：\n> 旧的", "好的。"),
        ("Fine.\n\nOn Wed, 1 Jul 2026 at 10:00, Li <li@m.example> wrote:\n> old", "Fine."),
        ("Fine.\n\n-----Original Message-----\nFrom: Li\nold", "Fine."),
        ("好的。\n\n------------------ 原始邮件 ------------------\n旧的", "好的。"),
        ("Fine.\n\n________________________________\nFrom: Li <li@m.example>\nold", "Fine."),
        ("Fine.\n\n发件人： 李 <li@m.example>\n旧的", "Fine."),
        ("> quoted first\nanswer below", "> quoted first\nanswer below"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("", ""),
    ],
)
def test_the_quoted_history_is_cut(body: str, text: str):
    assert read(mail(body.encode())).text == text


@pytest.mark.parametrize(
    "body",
    [
        "---------- Forwarded message ---------\nFrom: 李 <Li@Mingsen.example>\nDate: x\n\n你好",
        "---------- 转发的邮件 ----------\n发件人：李总 <li@mingsen.example>\n\n你好",
        "Begin forwarded message:\n\n> From: Li <li@mingsen.example>\n> To: Z\n>\n> 你好",
    ],
)
def test_the_sender_of_a_forwarded_mail_is_the_original_one(body: str):
    found = read(mail(body.encode()))
    assert found.forwarded_from == "li@mingsen.example"
    assert "li@mingsen.example" in found.addresses and "你好" in found.text


def test_html_alone_is_read_as_text_without_its_scripts():
    body = b"<style>p{}</style><p>A &amp; B<br>C</p><script>alert(1)</script><div>D</div>"
    assert read(mail(body, kind=b"text/html")).text == "A & B\nC\n\nD"


@pytest.mark.parametrize("charset", [b"gb18030", b"gbk", b"no-such", b"utf-8\x00", b""])
def test_a_charset_that_lies_is_read_as_far_as_it_goes(charset: bytes):
    kind = b"text/plain; charset=" + charset
    assert "你好" in read(mail("你好".encode("gb18030"), kind=kind)).text


def test_bytes_of_no_charset_are_kept_readable():
    assert "ok" in read(mail(b"ok \xff\xfe\x81")).text


def test_attachments_are_counted_and_left_out():
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nSee it.\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n\r\nPDF\r\n"
        b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="x.txt"\r\n'
        b"\r\nsecret\r\n--b--\r\n"
    )
    found = read(mail(body, kind=b"multipart/mixed; boundary=b"))
    assert (found.text, found.attachments) == ("See it.", 2)


def test_no_header_can_be_smuggled_into_another():
    head = b"From: =?utf-8?q?li=40mingsen.example=0D=0ATo=3A_x=40y.example?= <zhou@cs.example>\r\n"
    found = read(mail(b"x", head=head + b"Subject: =?utf-8?q?A=0D=0ABcc=3A_evil?=\r\n"))
    assert found.sender == "zhou@cs.example" and found.addresses == ("zhou@cs.example",)
    assert "\n" not in found.subject and "\r" not in found.subject


@pytest.mark.parametrize(
    "head",
    [
        b"From: zhou@cs.example, li@mingsen.example\r\n",
        b"From: zhou@cs.example\r\nFrom: li@mingsen.example\r\n",
        b"From: zhou@cs.example <li@mingsen.example>\r\n",
        b"Subject: x\r\n",
    ],
)
def test_who_writes_as_two_is_nobody(head: bytes):
    assert read(mail(b"x", head=head)).sender == ""


def test_an_address_in_a_name_is_a_name():
    head = b'From: "zhou@cs.example" <li@mingsen.example>\r\n'
    assert read(mail(b"x", head=head)).sender == "li@mingsen.example"


def test_text_is_bounded_and_free_of_control_characters():
    found = read(mail(b"a\x00b\x1b[31m\xe2\x80\xaec " + b"x" * 1_000_000))
    assert found.text.startswith("ab[31mc x") and len(found.text) == NOTE_CHARACTERS


@pytest.mark.parametrize(
    "date",
    ["Wed, 31 Feb 2026 99:99:99 +0000", "yesterday", "", "Wed, 1 Jul 99999999 10:00 +0000"],
)
def test_a_date_that_is_none_is_none(date: str):
    assert read(mail(b"x", head=HEAD + f"Date: {date}\r\n".encode())).sent_at is None


def test_a_date_is_read_with_its_zone():
    head = HEAD + b"Date: Wed, 1 Jul 2026 10:00:00 +0800\r\n"
    assert read(mail(b"x", head=head)).sent_at == datetime(2026, 7, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00" * 1000, b"\r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"From: " + b"<" * 50_000, b"Subject: =?utf-8?b?" + b"=" * 10_000 + b"?=\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"To: " + b"a@b.c," * 20_000 + b"\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div " * 50_000,
    ],
)  # fmt: skip
def test_whatever_comes_is_read_without_harm_and_soon(content: bytes):
    began = time.monotonic()
    found = read(content)
    assert len(found.addresses) <= 200 and len(found.subject) <= 300
    assert time.monotonic() - began < 5


def test_html_that_never_ends_is_text_as_far_as_it_goes():
    assert from_html("<p>a<script>b") == "a"
