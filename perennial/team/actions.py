"""Changes to who works here: users, their roles, and the links that log in once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from perennial.team.audit import record
from perennial.team.models import OneTimeLink, Role, Team, Theme, User
from perennial.team.queries import hash_token
from perennial.units.errors import InputRefused

LINK_LIVES = timedelta(minutes=30)


@transaction.atomic
def create_link(user: User | None, *, by: User | None, at: datetime) -> str:
    """A token that logs `user` in once within 30 minutes; None: the first administrator."""
    token = secrets.token_urlsafe(24)
    OneTimeLink.objects.filter(expires_at__lt=at).delete()
    OneTimeLink.objects.create(token_hash=hash_token(token), user=user, expires_at=at + LINK_LIVES)
    record(
        "link_created",
        object_type="user",
        object_id=user.pk if user else "",
        summary="One-time link made",
        by=by,
        at=at,
    )
    return token


def use_link(token: str, *, at: datetime) -> OneTimeLink:
    """Take the link; it is used up in the same statement, so that nobody takes it twice."""
    mine = OneTimeLink.objects.filter(
        token_hash=hash_token(token), used_at__isnull=True, expires_at__gt=at
    )
    if not mine.update(used_at=at):
        raise InputRefused("This link was used already or has expired.", code="link_refused")
    return OneTimeLink.objects.select_related("user").get(token_hash=hash_token(token))


@transaction.atomic
def enter_by_link(token: str, *, at: datetime) -> User:
    """Use up the link of a colleague and say who comes in."""
    user = use_link(token, at=at).user
    if user is None or not user.is_active:
        raise InputRefused("This link was used already or has expired.", code="link_refused")
    record("link_used", object_type="user", object_id=user.pk, summary=user.email, by=user, at=at)
    return user


def _team_named(name: str) -> Team | None:
    return Team.objects.get_or_create(name=name.strip())[0] if name.strip() else None


def _refuse_bad_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise InputRefused(
            "{value} is not an e-mail address.", code="bad_email", params={"value": email}
        ) from wrong
    if User.objects.filter(email__iexact=email).exists():
        raise InputRefused(
            "{value} has an account already.", code="user_exists", params={"value": email}
        )


def _refuse_unknown_role(role: str) -> None:
    if role not in Role.values:
        raise InputRefused(
            "There is no role {value}; the roles are {roles}.",
            code="unknown_role",
            params={"value": role, "roles": ", ".join(Role.values)},
        )


@transaction.atomic
def add_user(
    email: str,
    *,
    name: str = "",
    role: str,
    team: str = "",
    language: str = "",
    password: str | None = None,
    by: User | None,
    at: datetime,
) -> User:
    """A new colleague. Without a password they come in through a one-time link.

    `team` is a team's name, made when new. Raises InputRefused for a bad or known
    address, an unknown role or a weak password.
    """
    email = email.strip()
    _refuse_bad_address(email)
    _refuse_unknown_role(role)
    user = User(
        email=email,
        name=name.strip() or email.partition("@")[0],
        role=role,
        team=_team_named(team),
        language=language,
    )
    _set_password(user, password)
    user.save()
    record(
        "user_added",
        object_type="user",
        object_id=user.pk,
        summary=f"{user.email} as {user.role}",
        detail={"role": user.role, "team": team},
        by=by,
        at=at,
    )
    return user


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise InputRefused(" ".join(weak.messages), code="weak_password") from weak
    user.set_password(password)


@transaction.atomic
def add_first_administrator(
    token: str, *, email: str, name: str, password: str, language: str, at: datetime
) -> User:
    """Use the link that an empty home printed. Refused when somebody is here already."""
    use_link(token, at=at)
    if User.objects.filter(is_active=True).exists():
        raise InputRefused("There is an administrator already.", code="link_refused")
    return add_user(
        email,
        name=name,
        role=Role.ADMIN,
        language=language,
        password=password,
        by=None,
        at=at,
    )


def _last_administrator(user: User) -> bool:
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk)
    return user.role == Role.ADMIN and user.is_active and not others.exists()


@transaction.atomic
def change_user(
    user: User,
    *,
    name: str,
    role: str,
    team: str,
    is_active: bool,
    by: User | None,
    at: datetime,
) -> User:
    """Change name, role, team, or whether they may log in. One administrator always stays."""
    _refuse_unknown_role(role)
    if _last_administrator(user) and (role != Role.ADMIN or not is_active):
        raise InputRefused(
            "This is the last administrator. Make somebody else administrator first.",
            code="last_administrator",
        )
    before = {"name": user.name, "role": user.role, "active": user.is_active, "team": user.team_id}
    user.name, user.role, user.is_active = name.strip(), role, is_active
    user.team = _team_named(team)
    after = {"name": user.name, "role": user.role, "active": user.is_active, "team": user.team_id}
    if after == before:
        return user
    user.save(update_fields=["name", "role", "team", "is_active"])
    record(
        "user_changed",
        object_type="user",
        object_id=user.pk,
        summary=user.email,
        detail={"before": before, "after": after},
        by=by,
        at=at,
    )
    return user


@transaction.atomic
def change_profile(
    user: User,
    *,
    name: str,
    language: str,
    theme: str,
    capacity_hours: int,
    by: User | None,
    at: datetime,
) -> User:
    """What people set for themselves: name, language ('' as the browser), theme, and the hours a
    day that they have for customers."""
    if theme not in Theme.values:
        raise InputRefused("Choose a theme.", code="unknown_theme")
    changed: Mapping[str, str | int] = {
        "name": name.strip(),
        "language": language,
        "theme": theme,
        "capacity_hours": capacity_hours,
    }
    for field, value in changed.items():
        setattr(user, field, value)
    user.save(update_fields=list(changed))
    record(
        "profile_changed",
        object_type="user",
        object_id=user.pk,
        summary=user.email,
        detail=changed,
        by=by,
        at=at,
    )
    return user


@transaction.atomic
def change_password(user: User, *, password: str, by: User | None, at: datetime) -> User:
    """Set a password; every other session of this user ends."""
    _set_password(user, password)
    user.save(update_fields=["password"])
    record(
        "password_changed",
        object_type="user",
        object_id=user.pk,
        summary=user.email,
        by=by,
        at=at,
    )
    return user
