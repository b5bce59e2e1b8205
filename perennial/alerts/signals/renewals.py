"""Renewals that come near: nobody talks with them, nobody uses it, notice can still be given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import (
    AUTO_RENEWAL_DAYS,
    INACTIVE_DAYS,
    NOTICE_DAYS,
    RENEWAL_DAYS,
    UNTOUCHED_DAYS,
)
from perennial.alerts.signals.facts import Facts
from perennial.contracts.models import ServiceTerm
from perennial.contracts.queries import Due


def near(facts: Facts, *, days: int) -> Iterator[tuple[int, Due, int]]:
    """Customers whose open renewal falls due within `days`, and in how many."""
    for pk, customer in facts.customers.items():
        due = customer.open_due
        if due and 0 <= (ahead := (due.due_on - facts.day).days) <= days:
            yield pk, due, ahead


def renewals_untouched(facts: Facts) -> list[Candidate] | None:
    """Nobody has spoken with them for weeks."""
    if not facts.touched_on:
        return None
    found = []
    for pk, due, ahead in near(facts, days=RENEWAL_DAYS):
        last_on = facts.touched_on.get(pk)
        days = (facts.day - last_on).days if last_on else None
        if days is not None and not UNTOUCHED_DAYS.holds(days):
            continue
        found.append(
            Candidate(
                pk,
                Rule.RENEWAL_UNTOUCHED,
                "touches",
                0.5,
                last_on or facts.day,
                expected=UNTOUCHED_DAYS.enter,
                observed=None if days is None else float(days),
                params={"days": days, "ahead": ahead, "due_on": due.due_on.isoformat()},
                enters=days is None or UNTOUCHED_DAYS.enters(days),
            )
        )
    return found


def renewals_inactive(facts: Facts) -> list[Candidate] | None:
    """Nobody uses what is to be renewed; silence of the feed is not silence of theirs."""
    if not facts.usage:
        return None
    found = []
    for pk, due, ahead in near(facts, days=RENEWAL_DAYS):
        usage = facts.usage.get(pk)
        if usage is None or not INACTIVE_DAYS.holds(usage.active_days_28d):
            continue
        found.append(
            Candidate(
                pk,
                Rule.RENEWAL_INACTIVE,
                "active_days",
                round(0.9 - 0.1 * usage.active_days_28d, 4),
                usage.last_seen_on,
                expected=INACTIVE_DAYS.leave,
                observed=float(usage.active_days_28d),
                params={
                    "days": usage.active_days_28d,
                    "ahead": ahead,
                    "due_on": due.due_on.isoformat(),
                },
                enters=INACTIVE_DAYS.enters(usage.active_days_28d),
            )
        )
    return found


def notices_near(facts: Facts) -> list[Candidate] | None:
    """The last weeks in which they can give notice; over when it has passed or was given."""
    if not ServiceTerm.objects.filter(notice_days__isnull=False).exists():
        return None
    return [
        Candidate(
            pk,
            Rule.NOTICE_NEAR,
            "notice",
            0.5,
            until_on - timedelta(days=NOTICE_DAYS),
            expected=float(NOTICE_DAYS),
            observed=float(days),
            params={
                "days": days,
                "until_on": until_on.isoformat(),
                "due_on": due.due_on.isoformat(),
                "ahead": (due.due_on - facts.day).days,
            },
        )
        for pk, due, _ahead in near(facts, days=2 * 366)
        if due.notice_on is None
        and (until_on := due.notice_until_on)
        and 0 <= (days := (until_on - facts.day).days) <= NOTICE_DAYS
    ]


def auto_renewals_near(facts: Facts) -> list[Candidate] | None:
    """It renews by itself: the last weeks in which to talk about the next term."""
    ends = _auto_ends(facts.day)
    if ends is None:
        return None
    return [
        Candidate(
            pk,
            Rule.AUTO_RENEWAL_NEAR,
            "auto_renewal",
            0.2,
            due.due_on - timedelta(days=AUTO_RENEWAL_DAYS),
            expected=float(AUTO_RENEWAL_DAYS),
            observed=float(ahead),
            params={"ahead": ahead, "due_on": due.due_on.isoformat()},
        )
        for pk, due, ahead in near(facts, days=AUTO_RENEWAL_DAYS)
        if due.notice_on is None and (pk, due.due_on + timedelta(days=1)) in ends
    ]


def _auto_ends(day: date) -> set[tuple[int, date]] | None:
    """Customers and ends of terms that renew by themselves, the next weeks' only."""
    auto = ServiceTerm.objects.filter(auto_renew=True)
    if not auto.exists():
        return None
    until_on = day + timedelta(days=AUTO_RENEWAL_DAYS + 1)
    soon = auto.filter(due_end_on__gt=day, due_end_on__lte=until_on)
    return {(pk, end_on) for pk, end_on in soon.values_list("customer_id", "due_end_on") if end_on}
