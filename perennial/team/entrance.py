"""Logging in with a password, slowed down for those who guess.

A try is written down before the password is looked at, so that many tries at the same moment
in several processes count each other. A success clears the tries of this address and place.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import authenticate
from django.http import HttpRequest

from perennial.team.models import LogInAttempt, User
from perennial.team.queries import (
    TRIES_OF_ONE_ADDRESS_AND_PLACE,
    TRIES_OF_ONE_PLACE,
    WINDOW,
    attempts,
)
from perennial.units.errors import InputRefused


def enter(request: HttpRequest, *, email: str, password: str, at: datetime) -> User:
    """The user of this address and password. Raises InputRefused, in words for the form."""
    place = f"place:{request.META.get('REMOTE_ADDR', '')}"
    pair = f"{place} address:{email.strip().lower()}"[:300]
    LogInAttempt.objects.filter(at__lt=at - WINDOW).delete()
    LogInAttempt.objects.bulk_create(
        [LogInAttempt(key=place, at=at), LogInAttempt(key=pair, at=at)]
    )
    if (
        attempts(pair, at=at) > TRIES_OF_ONE_ADDRESS_AND_PLACE
        or attempts(place, at=at) > TRIES_OF_ONE_PLACE
    ):
        raise InputRefused(
            "Too many tries. Wait 15 minutes, or ask an administrator for a log-in link.",
            code="too_many_tries",
        )
    user = authenticate(request, username=email.strip(), password=password)
    if not isinstance(user, User):
        raise InputRefused("E-mail address or password is wrong.", code="wrong_password")
    LogInAttempt.objects.filter(key=pair).delete()
    return user
