"""Which part of a page htmx asks for."""

from __future__ import annotations

from django.http import HttpRequest


def wants(request: HttpRequest, fragment: str) -> bool:
    """True when only the element with this id is replaced; htmx 4 names it `section#id`."""
    return request.headers.get("HX-Target", "").rpartition("#")[2] == fragment
