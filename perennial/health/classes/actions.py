"""Acts of people about classes: publish rules, override one customer, judge the fit oneself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from perennial.customers.audit import record_about
from perennial.customers.models import ClassOverride, ClassRules, Customer, Fit, FitOpinion
from perennial.health.classes.checks import faults_of
from perennial.health.classes.facts import facts_on
from perennial.health.classes.queries import all_in_force, rules_in_force, verdicts
from perennial.health.classes.rules.definition import VALUES, of, plain
from perennial.health.classes.rules.shipped import SHIPPED
from perennial.health.classes.writing import adopt, keep
from perennial.team import days
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused, RowError
from perennial.units.moment import business_day
from perennial.units.sentence import sentence

LONGEST_OVERRIDE_DAYS: Final = 365
NOTE_LETTERS: Final = 300
REASON_LETTERS: Final = 500


@transaction.atomic
def publish(
    kind: str, definition: Mapping[str, Any], *, note: str, by: User | None, at: datetime
) -> ClassRules | None:
    """Let rules count from now on as the next version; None when they are in force already.

    Everybody is judged by them at once. Raises InputRefused with every fault.
    """
    refuse(faults_of(kind, definition))
    wanted, before = of(kind, definition), rules_in_force(kind)
    if plain(wanted) == plain(before):
        return None
    made = ClassRules.objects.create(
        kind=kind,
        version=before.version + 1,
        definition=plain(wanted),
        note=note.strip()[:NOTE_LETTERS],
        by=by,
        published_at=at,
    )
    rejudge(at=at)
    detail = {"version": made.version, "note": made.note, "rules": len(wanted.rules)}
    record(
        "class_rules.published",
        object_type="class_rules",
        object_id=kind,
        summary=kind,
        detail=detail,
        by=by,
        at=at,
    )
    return made


def ship_again(kind: str, *, by: User | None, at: datetime) -> ClassRules | None:
    """Publish what we ship; None when it is in force already."""
    return publish(kind, plain(SHIPPED[kind]), note="", by=by, at=at)


def refuse(faults: list[RowError]) -> None:
    if faults:
        refused = InputRefused(faults[0].message, code=faults[0].code, params=faults[0].params)
        refused.errors = faults
        raise refused


def rejudge(*, at: datetime) -> int:
    """Judge everybody anew by what the shown day knows; what changes holds from today on."""
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    facts = facts_on(days.last_day() or today)
    found = verdicts(facts, all_in_force(), on=today, imported=adopt(facts))
    return keep(facts, found, on=today, at=at)


@transaction.atomic
def override(
    customer: Customer,
    *,
    kind: str,
    value: str,
    reason: str,
    until_on: date,
    by: User | None,
    at: datetime,
) -> ClassOverride:
    """Hold a tier, fit or stage of one's own until a day, at most a year; it replaces the one
    that holds. The rules keep judging beneath. Raises InputRefused, by field."""
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    if value not in VALUES[kind]:
        raise InputRefused(sentence("Choose one of the values."), column="value")
    if not reason.strip():
        raise InputRefused(sentence("An override needs a reason."), column="reason")
    if not today <= until_on <= today + timedelta(days=LONGEST_OVERRIDE_DAYS):
        raise InputRefused(
            sentence("It holds from today on, at most {days} days."),
            column="until_on",
            params={"days": str(LONGEST_OVERRIDE_DAYS)},
        )
    _holding(customer, kind, today).update(withdrawn_at=at)
    made = ClassOverride.objects.create(
        customer=customer,
        kind=kind,
        value=value,
        reason=reason.strip()[:REASON_LETTERS],
        from_on=today,
        until_on=until_on,
        by=by,
        recorded_at=at,
    )
    rejudge(at=at)
    change = [getattr(customer, kind), value]
    detail = {kind: change, "reason": made.reason, "until_on": until_on.isoformat()}
    record_about(customer, action="class.overridden", detail=detail, by=by, at=at)
    return made


@transaction.atomic
def withdraw(customer: Customer, *, kind: str, by: User | None, at: datetime) -> None:
    """End the override that holds. Raises InputRefused when none does."""
    held = _holding(customer, kind, business_day(at, settings.PERENNIAL_TIME_ZONE))
    newest = held.order_by("-recorded_at").first()
    if newest is None:
        raise InputRefused(sentence("No override holds for this customer."), code="no_override")
    held.update(withdrawn_at=at)
    rejudge(at=at)
    record_about(
        customer, action="class.override_withdrawn", detail={kind: newest.value}, by=by, at=at
    )


def _holding(customer: Customer, kind: str, on: date) -> Any:
    return ClassOverride.objects.filter(
        customer=customer, kind=kind, until_on__gte=on, withdrawn_at__isnull=True
    )


@transaction.atomic
def say_fit(
    customer: Customer, *, value: str, expectations: str, by: User | None, at: datetime
) -> FitOpinion:
    """Write down what a CSM makes of a customer from what it expects. Append-only; the fit by
    the rules stays beside it. Raises InputRefused, by field."""
    if value not in Fit.values:
        raise InputRefused(sentence("Choose one of the values."), column="value")
    if not expectations.strip():
        raise InputRefused(sentence("Write down what the customer expects."), column="expectations")
    made = FitOpinion.objects.create(
        customer=customer,
        value=value,
        expectations=expectations.strip(),
        said_on=business_day(at, settings.PERENNIAL_TIME_ZONE),
        by=by,
        recorded_at=at,
    )
    record_about(
        customer,
        action="fit.said",
        detail={"fit": value, "expectations": made.expectations},
        by=by,
        at=at,
    )
    return made
