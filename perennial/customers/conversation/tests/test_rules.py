"""Whom a text names; what a file is by its content."""

from __future__ import annotations

import io
import zipfile

import pytest

from perennial.customers.conversation.rules.files import BYTES, TEXT, nature
from perennial.customers.conversation.rules.mentions import handle_of, handles, mentioned

PEOPLE = [
    (1, "王芳", "fang@example.com"),
    (2, "王芳芳", "ff@example.com"),
    (3, "Lin", "lin@example.com"),
    (4, "Linda Ray", "ray@example.com"),
    (5, "Kim", "kim.a@example.com"),
    (6, "Kim", "kim.b@example.com"),
]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("@王芳你好", [1], id="Chinese needs no space after the name"),
        pytest.param("@王芳芳你好", [2], id="the longest name counts"),
        pytest.param("ask @Linda Ray and @Lin.", [4, 3], id="two, in order"),
        pytest.param("@Lindau", [], id="no name inside a longer word"),
        pytest.param("mail lin@example.com", [], id="an address names nobody"),
        pytest.param("@Kim", [], id="a shared name names nobody"),
        pytest.param("@kim.b@example.com", [6], id="the address tells them apart"),
        pytest.param("@LIN @lin", [3], id="once, in any case"),
        pytest.param("@", [], id="nobody yet"),
    ],
)
def test_who_is_named(text: str, named: list[int]):
    assert mentioned(text, handles(PEOPLE)) == named


def test_the_completion_writes_what_names_somebody():
    known = handles(PEOPLE)
    assert handle_of("Lin", "lin@example.com", known=known) == "Lin"
    assert handle_of("Kim", "kim.a@example.com", known=known) == "kim.a@example.com"


def docx() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return raw.getvalue()


@pytest.mark.parametrize(
    ("name", "head", "media_type", "lies"),
    [
        pytest.param("a.pdf", b"%PDF-1.7", "application/pdf", False, id="a PDF"),
        pytest.param("a.png", b"\x89PNG\r\n\x1a\n", "image/png", False, id="a picture"),
        pytest.param("a.docx", docx(), "…wordprocessingml.document", False, id="an office file"),
        pytest.param("a.csv", "姓名,金额".encode(), TEXT, False, id="a table"),
        pytest.param("a.csv", "姓名,金额".encode("gb18030"), TEXT, False, id="a table of Excel's"),
        pytest.param("a.png", b"<html><script>", BYTES, True, id="a page that says picture"),
        pytest.param("a.pdf", b"MZ\x90\x00", BYTES, True, id="a program that says PDF"),
        pytest.param("a.jpg", b"<svg onload=alert(1)>", BYTES, True, id="a drawing with script"),
        pytest.param("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", BYTES, True, id="old as new"),
        pytest.param("a.txt", b"<script>alert(1)</script>", BYTES, True, id="script as text"),
        pytest.param("a.html", b"<html>", BYTES, False, id="an honest page is mere bytes"),
        pytest.param("a.svg", b"<?xml version='1.0'?><svg/>", BYTES, False, id="a drawing"),
        pytest.param("a.exe", b"MZ\x90\x00", BYTES, False, id="an honest program"),
        pytest.param("run", b"#!/bin/sh\n", BYTES, False, id="a script without an ending"),
        pytest.param("a.bin", b"\x00\x01\x02", BYTES, False, id="bytes"),
    ],
)
def test_what_a_file_is(name: str, head: bytes, media_type: str, lies: bool):
    found = nature(name, head)
    assert found.lies == lies
    assert found.media_type.endswith(media_type.lstrip("…"))
