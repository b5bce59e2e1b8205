"""Writes static/web/icons.svg: `python -m perennial.web.sprite FOLDER`.

FOLDER holds the outline icons of @tabler/icons (MIT), unpacked. Only the icons named here
are taken; a test compares the names with those that templates and code ask for.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

NAMES = """
activity adjustments-horizontal alert-circle alert-triangle arrow-back-up arrow-right ban bell
bolt bookmark broadcast building calendar calendar-due category chart-bar check checklist
chevron-down chevron-left chevron-right circle-check click clock coffee coin copy database
device-floppy dots download edit external-link eye file-check file-import file-spreadsheet
file-text filter flag gauge git-branch heart-handshake help history home id inbox info-circle key
keyboard language link list list-check lock logout mail menu-2 message message-2-star mood-sad
mood-smile moon note notes paperclip pencil phone plant-2 plug-connected plus point receipt
refresh report robot school search selector settings sun table tag target ticket trash
trending-down trending-up upload user user-check user-off user-plus users x zzz
"""
SHAPE = re.compile(r"<(?:path|circle|rect|line|ellipse)\b[^>]*/>")
SPRITE = Path(__file__).parent / "static/web/icons.svg"


def symbol(name: str, source: str) -> str:
    """One icon as a symbol; stroke and size come from the style sheet."""
    shapes = [shape for shape in SHAPE.findall(source) if 'd="M0 0h24v24H0z"' not in shape]
    body = re.sub(r"\s+", " ", "".join(shapes)).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>\n'


def main(folder: Path) -> None:
    symbols = [symbol(name, (folder / f"{name}.svg").read_text("utf-8")) for name in NAMES.split()]
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "".join(symbols) + "</svg>\n", "utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
