"""Text as addresses and plain forms bring it."""

from __future__ import annotations

from django.http import QueryDict


def text(params: QueryDict, name: str, *, most: int) -> str:
    """What was typed, trimmed and cut, without the NUL that PostgreSQL refuses to look for."""
    return params.get(name, "").replace("\0", "").strip()[:most]
