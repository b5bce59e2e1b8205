"""Addresses that work without log-in: made once, shown once, ended by time or by hand.

The token has 128 random bits and only its hash is stored, so that who reads the database
cannot open anything. What a link opens is the business of the slice that made it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse

from perennial.team import audit
from perennial.team.models import SecretLink, User

TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Made:
    """A link and its token, which nobody can read again."""

    link: SecretLink
    token: str


@transaction.atomic
def make_link(
    kind: SecretLink.Kind,
    *,
    object_id: int,
    options: Mapping[str, object] | None = None,
    expires_at: datetime | None = None,
    by: User,
    at: datetime,
) -> Made:
    """A new link; those that exist go on working."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = SecretLink.objects.create(
        kind=kind,
        object_id=object_id,
        token_hash=_hash(token),
        user=by,
        options=dict(options or {}),
        made_at=at,
        expires_at=expires_at,
    )
    _line("secret_link.made", link, by=by, at=at)
    return Made(link, token)


@transaction.atomic
def revoke_link(link: SecretLink, *, by: User | None, at: datetime) -> bool:
    """End a link at once; False when it had ended before."""
    ended = SecretLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=at)
    if ended:
        _line("secret_link.revoked", link, by=by, at=at)
    return bool(ended)


def open_link(
    kind: SecretLink.Kind, token: str, *, at: datetime, counts: bool = True
) -> SecretLink | None:
    """The link that this token opens now, and a stroke in its book; None: wrong or ended.

    A link ends with its maker's account, too."""
    found = living(kind, at=at).filter(token_hash=_hash(token)).select_related("user").first()
    if found is not None and counts:
        SecretLink.objects.filter(pk=found.pk).update(used_at=at, used_times=F("used_times") + 1)
    return found


def living(kind: SecretLink.Kind, *, at: datetime) -> QuerySet[SecretLink]:
    """Links that still open something, newest first."""
    found = SecretLink.objects.filter(kind=kind, revoked_at__isnull=True, user__is_active=True)
    return found.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at)).order_by("-pk")


def private(response: HttpResponse) -> HttpResponse:
    """What a secret address answers is kept nowhere, found by no search, told to no other site."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def shown_once(response: HttpResponse) -> HttpResponse:
    """A page of ours that shows a secret is kept nowhere. Its own address is none: with
    `no-referrer` browsers would hide the origin of its forms, and those would be refused."""
    response["Cache-Control"] = "no-store"
    return response


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _line(code: str, link: SecretLink, *, by: User | None, at: datetime) -> None:
    audit.record(
        code,
        object_type="secret_link",
        object_id=link.pk,
        summary=link.get_kind_display(),
        detail={"kind": link.kind, "object": link.object_id},
        by=by,
        at=at,
    )
