"""Reads of absences: whose this user may plan, who stands in, and for whom until when."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from perennial.team.access import PAGES, Page, Scope, books, scope
from perennial.team.models import Absence, Role, User
from perennial.units.moment import business_day

_DOERS = PAGES[Page.EDIT_CUSTOMERS]


def today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


def plannable(user: User) -> QuerySet[User]:
    """Colleagues whose absences this user plans: one's own, a leader's team, for an administrator
    everybody; only those who can have a book."""
    working = User.objects.filter(is_active=True, role__in=_DOERS).order_by("name", "pk")
    match scope(user).scope:
        case Scope.ALL if user.role == Role.ADMIN:
            return working
        case Scope.TEAM:
            return working.filter(Q(pk=user.pk) | Q(team=user.team_id))
        case _:
            return working.filter(pk=user.pk)


def stand_ins(user: User) -> QuerySet[User]:
    """Whom this user may name: the own team; an administrator, and who has no team, anybody who
    works with customers."""
    working = User.objects.filter(is_active=True, role__in=_DOERS).order_by("name", "pk")
    if user.role == Role.ADMIN or user.team_id is None:
        return working
    return working.filter(Q(team=user.team_id) | Q(role=Role.ADMIN))


def absences(user: User) -> QuerySet[Absence]:
    """The gate of absences: those that this user plans or fills, the next to end first."""
    mine = Q(user__in=plannable(user)) | Q(stand_in=user)
    found = Absence.objects.filter(mine, ended_at__isnull=True)
    return found.select_related("user", "stand_in").order_by("until_on", "pk")


def absence_for(user: User, pk: int) -> Absence:
    """One absence that this user may plan, or Http404."""
    found = Absence.objects.filter(pk=pk, user__in=plannable(user))
    absence = found.select_related("user", "stand_in").first()
    if absence is None:
        raise Http404
    return absence


def covered(user: User) -> list[Absence]:
    """For whom this user stands in today, and until when; no question when for nobody."""
    absent = [pk for pk in books(user) if pk != user.pk]
    return list(_on(today()).filter(stand_in=user, user__in=absent)) if absent else []


def away(users: QuerySet[User]) -> list[Absence]:
    """Who of these is away today, and who stands in."""
    return list(_on(today()).filter(user__in=users))


def _on(day: date) -> QuerySet[Absence]:
    found = Absence.objects.filter(from_on__lte=day, until_on__gt=day, ended_at__isnull=True)
    return found.select_related("user", "stand_in").order_by("until_on", "pk")


def overlapping(user: User, from_on: date, until_on: date) -> QuerySet[Absence]:
    """Planned absences of a colleague that share a day with [from_on, until_on)."""
    living = Absence.objects.filter(user=user, ended_at__isnull=True)
    return living.filter(from_on__lt=until_on, until_on__gt=from_on).order_by("from_on")
