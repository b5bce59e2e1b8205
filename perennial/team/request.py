"""Who asks: the log-in middleware lets nobody else through."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from perennial.team.models import User


def who(request: HttpRequest) -> User:
    """The colleague behind a request."""
    return cast(User, request.user)
