"""Reads of one's own inbox, and of the mails for those who run this installation."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils.translation import get_language

from perennial.notify.models import Mail, Notice, Wish
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in the reader's language."""

    notice: Notice
    title: str
    body: str


def inbox(user: User) -> QuerySet[Notice]:
    """The gate: one's own notices, the newest first."""
    return Notice.objects.filter(user=user).order_by("-told_at", "-pk")


def unread(user: User) -> int:
    return inbox(user).filter(read_at__isnull=True).count()


def notice_for(user: User, pk: int) -> Notice:
    """One of the user's own, or Http404."""
    found = inbox(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def line(notice: Notice) -> Line:
    language = get_language() or "en"
    said = notice.said.get(language) or notice.said.get("en") or {"title": "", "body": ""}
    return Line(notice, said["title"], said["body"])


def wishes_of(user: User) -> Wish:
    return Wish.objects.filter(user=user).first() or Wish(user=user)


def mails() -> QuerySet[Mail]:
    """Every mail, for administrators: what did not leave first."""
    return Mail.objects.select_related("user").order_by("-made_at", "-pk")


def mail_counts() -> dict[str, int]:
    """How many wait after a failure, and how many were given up."""
    return Mail.objects.aggregate(
        stuck=Count("pk", filter=Q(state=Mail.State.WAITING, attempts__gt=0)),
        given_up=Count("pk", filter=Q(state=Mail.State.GIVEN_UP)),
    )


def address(path: str) -> str:
    """A link as it can stand in a mail; empty while nobody said where this installation is."""
    return settings.PERENNIAL_URL.rstrip("/") + path if settings.PERENNIAL_URL else ""
