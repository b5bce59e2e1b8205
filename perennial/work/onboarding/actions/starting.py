"""Begin the way in: for everybody whose stage says so, by the day, or for one by a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min

from perennial.contracts.models import OrderLine
from perennial.customers.audit import record_about
from perennial.customers.models import Customer, Stage
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.sentence import sentence
from perennial.work.models import Milestone, Onboarding
from perennial.work.onboarding.actions.definitions import row_in_force
from perennial.work.onboarding.queries.deals import deals_of
from perennial.work.onboarding.queries.definitions import definition_of, in_force
from perennial.work.onboarding.rules.deal import Deal, brought_in_by
from perennial.work.onboarding.rules.definition import Definition
from perennial.work.onboarding.rules.milestones import due_on
from perennial.work.onboarding.rules.starting import starts_on

BATCH = 500
LONGEST_AGO_DAYS = 365


@transaction.atomic
def start_due(*, day: date, at: datetime) -> int:
    """Begin for all who came into onboarding and are still within the plan; how many. Run twice,
    the second begins nothing."""
    definition = in_force()
    rows = Customer.objects.filter(stage=Stage.ONBOARDING, merged_into=None).order_by("pk")
    running = set(
        Onboarding.objects.filter(state=Onboarding.State.RUNNING).values_list("customer", flat=True)
    )
    newest = dict(Onboarding.objects.order_by().values_list("customer").annotate(Max("started_on")))
    opened = dict(
        OrderLine.objects.filter(void=False, customer__stage=Stage.ONBOARDING)
        .order_by()
        .values_list("customer")
        .annotate(Min("start_on"))
    )
    wanted: dict[int, date] = {}
    for pk, since_on, created_on in rows.values_list("pk", "stage_since_on", "created_on"):
        started_on = starts_on(
            opened_on=opened.get(pk, created_on),
            since_on=since_on,
            day=day,
            plan_days=definition.plan_days,
            last_started_on=newest.get(pk),
            is_running=pk in running,
        )
        if started_on is not None:
            wanted[pk] = started_on
    if wanted:
        _begin(wanted, deals_of(wanted.keys(), day, definition), at=at)
    return len(wanted)


@transaction.atomic
def start(customer: Customer, *, started_on: date, by: User | None, at: datetime) -> Onboarding:
    """Begin by hand, from a day on. Raises InputRefused when one runs already, and for a start
    in the future or more than a year ago."""
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    if Onboarding.objects.filter(customer=customer, state=Onboarding.State.RUNNING).exists():
        raise InputRefused(
            sentence("This customer is being brought in already."), code="already_running"
        )
    if not 0 <= (today - started_on).days <= LONGEST_AGO_DAYS:
        raise InputRefused(sentence("It begins today or at most a year ago."), column="started_on")
    deals = deals_of([customer.pk], today, in_force())
    made = _begin({customer.pk: started_on}, deals, at=at)[0]
    detail = {"onboarding": made.pk, "started_on": started_on.isoformat()}
    record_about(customer, action="onboarding.started", detail=detail, by=by, at=at)
    return made


def _begin(
    wanted: dict[int, date], deals: dict[int, Deal], *, at: datetime
) -> Sequence[Onboarding]:
    """Rows of onboardings and their milestones, set-based."""
    plan = row_in_force(at=at)
    definition = definition_of(plan)
    made = Onboarding.objects.bulk_create(
        [
            Onboarding(
                customer_id=pk,
                plan=plan,
                started_on=started_on,
                recorded_at=at,
                **_owner_kind(deals[pk], definition),
            )
            for pk, started_on in wanted.items()
        ],
        batch_size=BATCH,
    )
    Milestone.objects.bulk_create(
        [
            Milestone(onboarding=it, step=step.id, due_on=due_on(step, it.started_on))
            for it in made
            for step in definition.steps
        ],
        batch_size=BATCH,
    )
    return made


def _owner_kind(deal: Deal, definition: Definition) -> dict[str, Any]:
    """Who brings it in, and the numbers of the sentence that says why."""
    low, high = definition.sales_below, definition.team_above
    brings = brought_in_by(deal, sales_below=low, team_above=high)
    why = {
        "why": str(brings.why),
        "arr": None if deal.arr is None else str(deal.arr),
        "work": deal.work[:200],
        "sales_below": str(low),
        "team_above": str(high),
        "currency": settings.PERENNIAL_CURRENCY,
    }
    return {"owner_kind": brings.owner_kind, "owner_why": why}
