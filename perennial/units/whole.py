"""Row numbers and versions as addresses and forms say them."""

from __future__ import annotations

LARGEST = 2**63 - 1  # what a database keeps in a whole number


def whole(text: str) -> int | None:
    """The number that a text says; None for any other text, and for one no row can have.

    >>> whole("42"), whole("-1"), whole("9" * 30)
    (42, None, None)
    """
    if not text.isascii() or not text.isdigit() or len(text) > len(str(LARGEST)):
        return None
    return int(text) if int(text) <= LARGEST else None
