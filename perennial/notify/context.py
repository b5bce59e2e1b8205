"""The bell in the frame of every page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from perennial.notify.queries import unread
from perennial.team.models import User


def shell(request: HttpRequest) -> dict[str, object]:
    """How many notices wait; read once per request, only where a page shows it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or getattr(request, "htmx", False):
        return {}
    kept = vars(request)
    if "bell" not in kept:
        kept["bell"] = {"inbox_url": reverse("notify:inbox"), "unread": unread(user)}
    bell: dict[str, object] = kept["bell"]
    return bell
