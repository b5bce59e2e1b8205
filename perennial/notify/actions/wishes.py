"""What somebody wishes to be told, and when not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from perennial.notify.models import How, Topic, TopicWish, Wish
from perennial.notify.rules import STANDARD, Quiet
from perennial.team.audit import record
from perennial.team.models import User


@transaction.atomic
def change_wishes(user: User, *, hows: Mapping[Topic, How], by: User | None, at: datetime) -> None:
    """How each topic reaches the user; topics that are not named keep their wish."""
    for topic, how in hows.items():
        if how == STANDARD[topic]:
            TopicWish.objects.filter(user=user, topic=topic).delete()
        else:
            TopicWish.objects.update_or_create(user=user, topic=topic, defaults={"how": how})
    _line(user, {str(topic): str(how) for topic, how in hows.items()}, by=by, at=at)


@transaction.atomic
def change_quiet_hours(user: User, *, quiet: Quiet, by: User | None, at: datetime) -> None:
    """When nothing leaves to the user. What waits already goes by the new hours, too."""
    Wish.objects.update_or_create(
        user=user,
        defaults={
            "quiet_from": quiet.from_at,
            "quiet_until": quiet.until_at,
            "quiet_weekends": quiet.weekends,
        },
    )
    hours = [str(it)[:5] for it in (quiet.from_at, quiet.until_at) if it]
    _line(user, {"quiet": hours, "weekends": quiet.weekends}, by=by, at=at)


def _line(user: User, detail: Mapping[str, object], *, by: User | None, at: datetime) -> None:
    record(
        "notifications_changed",
        object_type="user",
        object_id=user.pk,
        summary=user.email,
        detail=detail,
        by=by,
        at=at,
    )
