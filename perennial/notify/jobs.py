"""The postman: mails that are due leave, one by one; what fails is tried again later."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F
from django.urls import reverse

from perennial.notify import email
from perennial.notify.models import Mail
from perennial.notify.queries import address
from perennial.notify.rules import retry_after

log = logging.getLogger("perennial.notify")

AT_ONCE = 50
LEASE = timedelta(minutes=10)  # who dies while sending leaves it to others after this
KEPT = timedelta(days=90)


def deliver(clock: Callable[[], datetime], *, limit: int = AT_ONCE) -> int:
    """Send what is due; how many left. Never raises for a server that does not take one."""
    if not email.is_set_up():
        return 0
    sent = 0
    due = Mail.objects.filter(state=Mail.State.WAITING, due_at__lte=clock()).order_by("due_at")
    for mail in due.select_related("user")[:limit]:
        if not _claim(mail, now=clock()):
            continue
        try:
            email.send(
                mail.user.email,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                preferences_url=address(reverse("notify:wishes")),
            )
        except OSError as error:
            _failed(mail, str(error), now=clock())
            continue
        Mail.objects.filter(pk=mail.pk).update(
            state=Mail.State.SENT, sent_at=clock(), error="", attempts=F("attempts") + 1
        )
        sent += 1
    Mail.objects.filter(state=Mail.State.SENT, sent_at__lt=clock() - KEPT).delete()
    return sent


def _claim(mail: Mail, *, now: datetime) -> bool:
    """Ours if our update moved it: another process sees that it is no longer due."""
    mine = Mail.objects.filter(pk=mail.pk, state=Mail.State.WAITING, due_at=mail.due_at)
    if not mail.user.is_active:
        mine.update(state=Mail.State.GIVEN_UP, error="user_inactive")
        return False
    return mine.update(due_at=now + LEASE) == 1


def _failed(mail: Mail, error: str, *, now: datetime) -> None:
    attempts = mail.attempts + 1
    wait = retry_after(attempts)
    Mail.objects.filter(pk=mail.pk).update(
        attempts=attempts,
        error=error[:300],
        state=Mail.State.WAITING if wait else Mail.State.GIVEN_UP,
        due_at=now + (wait or timedelta()),
    )
    if attempts == 1 or wait is None:  # once when it begins, once when it ends
        log.error("a mail to user %s did not leave: %s", mail.user_id, error[:200])
