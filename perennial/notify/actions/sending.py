"""One delivery to one channel, and what came of it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from perennial.notify import carriers, queries
from perennial.notify.chat import NotTaken
from perennial.notify.models import Channel, Delivery
from perennial.notify.rules import retry_after

log = logging.getLogger("perennial.notify")

LEASE = timedelta(minutes=10)  # who dies while sending leaves it to others after this


def claim(delivery: Delivery, *, now: datetime) -> bool:
    """Ours if our update moved it, and its channel may still hear of it."""
    waiting = Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.WAITING, due_at=delivery.due_at
    )
    if not queries.may_reach_channel(delivery.channel, delivery.customer_id):
        waiting.update(state=Delivery.State.WITHHELD, error=queries.NOT_VISIBLE)
        return False
    return waiting.update(due_at=now + LEASE) == 1


def send(delivery: Delivery, *, now: datetime) -> bool:
    """Send a claimed delivery; False when it was not taken, which is noted with it."""
    channel = Channel.objects.filter(pk=delivery.channel_id)
    try:
        status = carriers.carry(delivery, at=now)
    except NotTaken as error:
        _failed(delivery, error, now=now)
        channel.update(last_failed_at=now, last_error=error.reason[:300])
        return False
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.SENT,
        sent_at=now,
        error="",
        status=status,
        attempts=delivery.attempts + 1,
    )
    channel.update(last_sent_at=now)
    return True


def _failed(delivery: Delivery, error: NotTaken, *, now: datetime) -> None:
    attempts = delivery.attempts + 1
    wait = retry_after(attempts)
    Delivery.objects.filter(pk=delivery.pk).update(
        attempts=attempts,
        error=error.reason[:300],
        status=error.status,
        state=Delivery.State.WAITING if wait else Delivery.State.GIVEN_UP,
        due_at=now + (wait or timedelta()),
    )
    if attempts == 1 or wait is None:  # once when it begins, once when it ends
        log.error("a message to channel %s did not leave", delivery.channel_id)
