"""What every page of the data sources shows around its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from perennial.events.sections import tabs
from perennial.team.access import Page, can
from perennial.team.request import who


def frame(request: HttpRequest) -> dict[str, Any]:
    user = who(request)
    return {
        "sections": tabs(request, user),
        "can_manage": can(user, Page.SOURCES),
        "can_import": can(user, Page.IMPORTS),
    }


def host_of(request: HttpRequest) -> str:
    """Where clients reach this installation, as the person who asks reaches it."""
    return f"{request.scheme}://{request.get_host()}"
