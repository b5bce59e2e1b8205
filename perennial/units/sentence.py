"""Marks a text for translation where Django is not allowed (rules, units).

The text stays English here; the edge translates it when it shows it.
"""

from __future__ import annotations


def sentence(text: str) -> str:
    """The text itself; `make messages` finds it by this name."""
    return text
