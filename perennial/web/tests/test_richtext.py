"""What people type is shown, and can do nothing."""

from __future__ import annotations

import time

import pytest

from perennial.web.richtext import html, plain

# Attacks on Markdown and on sanitisers; each must come out as words, or without its sting.
ATTACKS = {
    "script": "<script>alert(1)</script>",
    "script in a word": "a<scr<script>ipt>alert(1)</script>",
    "picture with onerror": "<img src=x onerror=alert(1)>",
    "svg with onload": "<svg/onload=alert(1)>",
    "iframe": '<iframe src="javascript:alert(1)"></iframe>',
    "style": "<style>body{display:none}</style>",
    "form": '<form action="https://evil.example"><input name=password></form>',
    "event on a link": '<a href="#" onclick="alert(1)">x</a>',
    "javascript link": "[x](javascript:alert(1))",
    "javascript in capitals": "[x](JaVaScRiPt:alert(1))",
    "javascript with entities": "[x](&#106;avascript:alert(1))",
    "javascript with a tab": "[x](java\tscript:alert(1))",
    "javascript in brackets": "<javascript:alert(1)>",
    "data link": "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "vbscript link": "[x](vbscript:msgbox(1))",
    "file link": "[x](file:///etc/passwd)",
    "reference": "[x][1]\n\n[1]: javascript:alert(1)",
    "picture": "![x](https://evil.example/pixel.gif)",
    "picture of data": "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "title that breaks out": '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "address that breaks out": '[x](https://a.example/"onmouseover="alert(1))',
    "code that breaks out": '```"><script>alert(1)</script>\nx\n```',
    "mutation": "<math><mtext><table><mglyph><style><!--</style><img src=x onerror=alert(1)>",
    "comment": "<!--><img src=x onerror=alert(1)>-->",
    "base": '<base href="https://evil.example/">',
    "meta": '<meta http-equiv="refresh" content="0;url=https://evil.example">',
}
RUNS = (
    "<script",
    "<img",
    "<svg",
    "<iframe",
    "<style",
    "<form",
    "<input",
    "<base",
    "<meta",
    "<math",
)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_comes_out_as_words(attack: str):
    shown = html(attack).lower()
    assert not [it for it in RUNS if it in shown]
    for tag in shown.split("<")[1:]:
        inside = tag.partition(">")[0]
        assert not any(it in inside for it in ("script:", "data:", "file:", " on", "style="))


def test_common_markdown_is_drawn():
    shown = html("**so**\nnext\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |")
    for part in ("<strong>so</strong><br>", "<li>a</li>", "<td>1</td>"):
        assert part in shown


def test_links_leave_without_telling_where_from():
    shown = html("[notes](https://a.example/b)")
    assert shown == '<p><a href="https://a.example/b" rel="noopener nofollow">notes</a></p>\n'


def test_in_one_line_the_marks_are_gone():
    assert plain("**so**\n\n- a & b\n- [c](https://d.example)") == "so a & b · c"


def test_headings_are_small_as_the_page_has_its_own():
    assert "<h3>Big</h3>" in html("# Big")


@pytest.mark.parametrize("knot", ["[", "> ", "*a", "`", "[a](", "<", "_a_", "|a"])
def test_long_knots_are_untied_quickly(knot: str):
    begun = time.monotonic()
    html(knot * (20_000 // len(knot)))
    assert time.monotonic() - begun < 2
