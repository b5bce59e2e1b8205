"""Every icon that a page asks for is in the sprite."""

import re
from pathlib import Path

from perennial.web.sprite import NAMES, SPRITE

PACKAGE = Path(__file__).resolve().parents[2]
ASKED = re.compile(r"""\{%\s*icon\s+["']([\w-]+)["']|icon\s*=\s*["']([\w-]+)["']""")


def drawn() -> set[str]:
    return set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text("utf-8")))


def test_the_sprite_holds_the_named_icons():
    assert drawn() == set(NAMES.split())


def test_every_icon_of_a_template_is_in_the_sprite():
    asked = {
        name
        for path in PACKAGE.rglob("templates/**/*.html")
        for found in ASKED.findall(path.read_text("utf-8"))
        for name in found
        if name
    }
    assert asked - drawn() == set()
