"""Reads of the team: users for the administrator, links, and the brake on guessing."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import Http404

from perennial.team.access import Page, can
from perennial.team.models import AuditEntry, LogInAttempt, OneTimeLink, User

WINDOW = timedelta(minutes=15)
TRIES_OF_ONE_ADDRESS_AND_PLACE = 5
TRIES_OF_ONE_PLACE = 50


def hash_token(token: str) -> str:
    """Only this is stored: who reads the database cannot log in with it."""
    return hashlib.sha256(token.encode()).hexdigest()


def visible_users(user: User) -> QuerySet[User]:
    """Everybody, for those who may manage users; else only oneself."""
    everybody = User.objects.select_related("team").order_by("-is_active", "name", "email")
    return everybody if can(user, Page.USERS) else everybody.filter(pk=user.pk)


def user_for(user: User, pk: int) -> User:
    """One colleague, or Http404."""
    found = visible_users(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def history_of(user: User) -> QuerySet[AuditEntry]:
    """What was done to this account, newest first."""
    lines = AuditEntry.objects.filter(object_type="user", object_id=str(user.pk))
    return lines.select_related("by").order_by("-at", "-pk")


def open_link(token: str, *, at: datetime) -> OneTimeLink | None:
    """The link while it may still be used, without using it."""
    return (
        OneTimeLink.objects.select_related("user")
        .filter(token_hash=hash_token(token), used_at__isnull=True, expires_at__gt=at)
        .first()
    )


def attempts(key: str, *, at: datetime) -> int:
    """Tries under this key in the last 15 minutes, in every process."""
    return LogInAttempt.objects.filter(key=key, at__gt=at - WINDOW).count()
