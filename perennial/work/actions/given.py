"""Telling a colleague that calls to action were given to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.notify.actions import News, Said, in_languages, tell
from perennial.notify.models import Topic
from perennial.notify.wording import assigned_by
from perennial.team.models import User
from perennial.work import wording
from perennial.work.models import WorkItem


def tell_given(items: Sequence[WorkItem], *, to: User, by: User | None, at: datetime) -> None:
    """One notice for all of them, within the transaction that gave them; nobody is told of what
    they took themselves, nor of customers whom they may not see."""
    if not items or by is None or to.pk == by.pk:
        return
    first = items[0]
    key = f"given-{first.pk}-{first.version}-{len(items)}"
    if len(items) > 1:
        news = News(
            to,
            Topic.ASSIGNED,
            key,
            in_languages(lambda: _of_many(len(items), by)),
            reverse("work:list"),
        )
    else:
        news = News(
            to,
            Topic.ASSIGNED,
            key,
            in_languages(lambda: _of_one(first, by)),
            reverse("work:item", args=[first.pk]),
            customer_id=first.customer_id,
        )
    tell([news], at=at)


def _of_one(item: WorkItem, by: User) -> Said:
    title = _("Given to you: {customer}").format(customer=item.customer)
    return Said(title, wording.sentence(item, money=False), assigned_by(by.name))


def _of_many(count: int, by: User) -> Said:
    title = ngettext(
        "{count} call to action was given to you.",
        "{count} calls to action were given to you.",
        count,
    ).format(count=count)
    return Said(title, "", assigned_by(by.name))
