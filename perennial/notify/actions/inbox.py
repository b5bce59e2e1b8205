"""What readers do with what they were told, and mails that are sent once more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perennial.notify import queries
from perennial.notify.models import Mail, Notice
from perennial.team.audit import record
from perennial.team.models import User


def mark_read(
    user: User, *, notice: Notice | None = None, topic: str = "", at: datetime
) -> list[int]:
    """Read: one line, or all of the user's own (of a topic); which were not before. No audit: it
    changes nothing for others."""
    rows = queries.inbox(user).filter(read_at__isnull=True)
    rows = rows.filter(pk=notice.pk) if notice else rows
    rows = rows.filter(topic=topic) if topic else rows
    changed = list(rows.values_list("pk", flat=True))
    Notice.objects.filter(pk__in=changed).update(read_at=at)
    return changed


def mark_unread(user: User, *, pks: list[int]) -> int:
    """Unread again, as undo or to come back to it."""
    return Notice.objects.filter(user=user, pk__in=pks).update(read_at=None)


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
