"""The postman: what is due leaves, one by one; what fails is tried again later.

Mails and channels are walks of their own, so that a mail server that hangs holds up no chat; a
channel that fails is left alone for the rest of the walk, so that it holds up no other one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.urls import reverse

from perennial.notify import email, queries
from perennial.notify.actions import sending
from perennial.notify.actions.sending import LEASE
from perennial.notify.models import Delivery, Mail, Parcel
from perennial.notify.queries import address
from perennial.notify.rules import retry_after

log = logging.getLogger("perennial.notify")

AT_ONCE = 50
KEPT = timedelta(days=90)


def deliver(clock: Callable[[], datetime], *, limit: int = AT_ONCE) -> int:
    """Send mails that are due; how many left. Never raises for a server that does not take one."""
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
    Mail.objects.filter(_old(clock())).delete()
    return sent


def deliver_to_channels(clock: Callable[[], datetime], *, limit: int = AT_ONCE) -> int:
    """Send messages to channels that are due; how many left. Never raises for a channel."""
    sent = 0
    failed: set[int] = set()
    due = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=clock())
    due = due.filter(channel__is_paused=False).order_by("due_at", "pk")
    for delivery in due.select_related("channel__team")[:limit]:
        if delivery.channel_id in failed or not sending.claim(delivery, now=clock()):
            continue
        if sending.send(delivery, now=clock()):
            sent += 1
        else:
            failed.add(delivery.channel_id)
    Delivery.objects.filter(_old(clock())).delete()
    return sent


def _old(now: datetime) -> Q:
    """What nobody needs to see any more; what was given up stays."""
    sent = Q(state=Parcel.State.SENT, sent_at__lt=now - KEPT)
    return sent | Q(state=Parcel.State.WITHHELD, made_at__lt=now - KEPT)


def _claim(mail: Mail, *, now: datetime) -> bool:
    """Ours if our update moved it: another process sees that it is no longer due. What the reader
    may no longer see stays here; what falls into quiet hours waits until they end."""
    mine = Mail.objects.filter(pk=mail.pk, state=Mail.State.WAITING, due_at=mail.due_at)
    if not queries.may_reach(mail.user, mail.names):
        error = queries.NOT_VISIBLE if mail.user.is_active else queries.GONE
        mine.update(state=Mail.State.WITHHELD, error=error)
        return False
    leaves_at = queries.leaves_at(now, queries.quiet_hours([mail.user_id]).get(mail.user_id))
    if leaves_at > now:
        mine.update(due_at=leaves_at)
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
