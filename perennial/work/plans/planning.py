"""Touchpoints written down ahead, as the rules ask for; the same day again changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from perennial.customers.models import Customer
from perennial.customers.queries import standing
from perennial.health.inputs import served
from perennial.work.models import Touchpoint
from perennial.work.plans.definitions import rules_in_force
from perennial.work.plans.rules.touchpoints import AHEAD_DAYS, BACK_DAYS, Planned, Rule, planned

BATCH = 1000


@transaction.atomic
def plan_touchpoints(*, day: date) -> dict[str, int]:
    """Add what the rules ask for and take away what they no longer do, of what lies ahead and
    nobody has touched. Two queries read, two write, whatever the number of customers."""
    wanted = asked_for(rules_in_force(), day=day)
    from_on = day - timedelta(days=BACK_DAYS)
    under = standing()
    known = {
        (under.get(customer, customer), key): (pk, due_on, version)
        for pk, customer, key, due_on, version in Touchpoint.objects.exclude(key="")
        .filter(planned_on__gte=from_on)
        .values_list("pk", "customer_id", "key", "due_on", "version")
    }
    now = timezone.now()
    added = Touchpoint.objects.bulk_create(
        [
            Touchpoint(
                customer_id=customer,
                kind=it.rule.kind,
                planned_on=it.due_on,
                due_on=it.due_on,
                key=key,
                recorded_at=now,
            )
            for (customer, key), it in wanted.items()
            if (customer, key) not in known
        ],
        batch_size=BATCH,
        ignore_conflicts=True,  # the same key, planned for an earlier day that has passed
    )
    untouched = {it: row for it, row in known.items() if row[1] > day and row[2] == 1}
    gone = [pk for it, (pk, _due, _version) in untouched.items() if it not in wanted]
    for at in range(0, len(gone), BATCH):
        Touchpoint.objects.filter(pk__in=gone[at : at + BATCH], version=1).delete()
    shifted = [
        Touchpoint(pk=pk, planned_on=wanted[it].due_on, due_on=wanted[it].due_on)
        for it, (pk, due_on, _version) in untouched.items()
        if it in wanted and wanted[it].due_on != due_on
    ]
    Touchpoint.objects.bulk_update(shifted, ["planned_on", "due_on"], batch_size=BATCH)
    return {"planned": len(added), "withdrawn": len(gone)}


def asked_for(rules: list[Rule], *, day: date) -> dict[tuple[int, str], Planned]:
    """What rules ask for around a day, by customer and key."""
    from_on = day - timedelta(days=BACK_DAYS)
    until_on = day + timedelta(days=AHEAD_DAYS)
    classes: dict[int, tuple[Any, ...]] = {
        pk: (tier, stage)
        for pk, tier, stage in Customer.objects.filter(merged_into=None).values_list(
            "pk", "tier", "stage"
        )
    }
    wanted: dict[tuple[int, str], Planned] = {}
    for it in served(day):
        tier, stage = classes.get(it.pk, ("", ""))
        due = it.open_due
        for one in planned(
            rules,
            tier=tier,
            stage=stage,
            started_on=it.started_on,
            renewal_on=due.due_on if due else None,
            from_on=from_on,
            until_on=until_on,
        ):
            wanted[(it.pk, one.key)] = one
    return wanted
