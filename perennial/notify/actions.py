"""Telling people, and what they do with what they were told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation

from perennial.notify import email
from perennial.notify.models import Mail, Notice, Topic, Wish
from perennial.team.audit import record
from perennial.team.models import User

BATCH = 500


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in one language."""

    title: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What one colleague is told. `key`: telling it again tells nothing."""

    user: User
    topic: Topic
    key: str
    said: Mapping[str, Said]  # by language code
    url: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one colleague, already in the reader's language."""

    user: User
    topic: Topic
    key: str
    subject: str
    text: str
    html: str = ""


def in_languages(say: Callable[[], Said]) -> dict[str, Said]:
    """What `say` says, in every language of ours."""
    found = {}
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            found[code] = say()
    return found


def tell(news: Iterable[News], *, at: datetime) -> int:
    """Put lines into inboxes, those that are new; how many were."""
    rows = [
        Notice(
            user=it.user,
            topic=it.topic,
            key=it.key[:100],
            said={code: {"title": one.title, "body": one.body} for code, one in it.said.items()},
            url=it.url,
            told_at=at,
        )
        for it in news
    ]
    before = Notice.objects.count()
    Notice.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return Notice.objects.count() - before


def post(letters: Iterable[Letter], *, at: datetime) -> int:
    """Lay mails out for the worker, those that are new and wanted; none without a server."""
    if not email.is_set_up():
        return 0
    wishes = {it.user_id: it for it in Wish.objects.all()}
    rows = [
        Mail(
            user=it.user,
            topic=it.topic,
            key=it.key[:100],
            subject=" ".join(it.subject.split())[:200],
            text=it.text,
            html=it.html,
            made_at=at,
            due_at=at,
        )
        for it in letters
        if _wants(wishes.get(it.user.pk), it.topic)
    ]
    before = Mail.objects.count()
    Mail.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return Mail.objects.count() - before


def _wants(wish: Wish | None, topic: Topic) -> bool:
    if wish is None or topic is Topic.SYSTEM:
        return True
    return wish.digest if topic is Topic.DIGEST else wish.instant


def mark_read(user: User, *, notice: Notice | None = None, at: datetime) -> int:
    """Read: one line, or all of the user's own. No audit: it changes nothing for others."""
    rows = Notice.objects.filter(user=user, read_at__isnull=True)
    rows = rows.filter(pk=notice.pk) if notice else rows
    return rows.update(read_at=at)


@transaction.atomic
def change_wishes(
    user: User, *, digest: bool, instant: bool, by: User | None, at: datetime
) -> Wish:
    """What the user wants to be mailed."""
    wish, _ = Wish.objects.update_or_create(
        user=user, defaults={"digest": digest, "instant": instant}
    )
    record(
        "notifications_changed",
        object_type="user",
        object_id=user.pk,
        summary=user.email,
        detail={"digest": digest, "instant": instant},
        by=by,
        at=at,
    )
    return wish


@transaction.atomic
def try_again(mail: Mail, *, by: User | None, at: datetime) -> None:
    """Send a mail that was given up once more."""
    mail.state, mail.attempts, mail.due_at = Mail.State.WAITING, 0, at
    mail.save(update_fields=["state", "attempts", "due_at"])
    record(
        "mail_tried_again",
        object_type="mail",
        object_id=mail.pk,
        summary=mail.subject,
        by=by,
        at=at,
    )
