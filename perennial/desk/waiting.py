"""What waits for an answer besides the queue, each with the page where it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import ngettext

from perennial.customers.queries import in_books
from perennial.team.access import Page, books, can
from perennial.team.models import User
from perennial.web.formats import number
from perennial.work.onboarding.queries.reach import offered_to
from perennial.work.plans.queries import overdue
from perennial.work.queries import waiting_for_team


@dataclass(frozen=True, slots=True)
class Waits:
    """`3 handovers wait for your answer`, and where."""

    icon: str
    text: str
    url: str


def waits(user: User, *, today: date) -> list[Waits]:
    """Handovers, overdue touchpoints, the queue of one's team; nothing that is zero."""
    if not can(user, Page.EDIT_CUSTOMERS):
        return []
    return list(_waits(user, today))


def _waits(user: User, today: date) -> Iterator[Waits]:
    handed = offered_to(user).count()
    if handed:
        text = ngettext("%(n)s handover waits for you", "%(n)s handovers wait for you", handed)
        url = reverse("onboarding:handovers") + "?who=to_me"
        yield Waits("users", text % {"n": number(handed)}, url)
    late = overdue(user, on=today).filter(in_books(books(user))).count()
    if late:
        text = ngettext("%(n)s touchpoint is overdue", "%(n)s touchpoints are overdue", late)
        url = reverse("plans:touchpoints")
        yield Waits("calendar-due", text % {"n": number(late)}, url)
    team = waiting_for_team(user).count()
    if team:
        text = ngettext("%(n)s item waits for your team", "%(n)s items wait for your team", team)
        yield Waits("inbox", text % {"n": number(team)}, reverse("work:list") + "?tab=team")
