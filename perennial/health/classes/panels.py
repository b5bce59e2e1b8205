"""The card of a customer's tier, fit and stage: since when, who says so, gates, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from perennial.contracts.models import OrderLine
from perennial.contracts.queries import entitlements
from perennial.customers.models import Classification, ClassOverride, Customer, FitOpinion, SaidBy
from perennial.customers.queries import at_customer, visible_customer
from perennial.events.store import open_store
from perennial.health.classes.fields import custom_read, fields_of
from perennial.health.classes.queries import rules_in_force, rules_of
from perennial.health.classes.rules.definition import FIT, STAGE, TIER, Gates, RuleSet
from perennial.health.classes.rules.gates import Gate, first_use, gate, normal_use
from perennial.health.classes.wording import KINDS, facts_in_words, title_in, value_title
from perennial.metrics.queries import daily_counts
from perennial.team.access import Page, can, sees_money
from perennial.team.models import User
from perennial.web.panels import Panel

HISTORY = 12
EARLY_DAYS = 30  # a trial may have used it before service was opened
LOOK_DAYS = 400

Rules = Mapping[tuple[str, int], RuleSet]  # by kind and version


@dataclass(frozen=True, slots=True)
class Line:
    """A kind as it stands: `facts` are the numbers that the rule read, in words."""

    kind: str
    title: str
    value: str
    shown: str
    said_by: str
    rule: str
    facts: list[tuple[str, str]]
    since_on: date | None
    days: int | None
    held: ClassOverride | None


@dataclass(frozen=True, slots=True)
class Past:
    """A class that held once."""

    title: str
    kind: str
    value: str
    shown: str
    from_on: date
    until_on: date | None
    days: int
    why: str


def context(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    if not visible_customer(user, customer).exists():
        return None
    rows = list(Classification.objects.filter(customer=customer).order_by("-from_on", "-pk")[:200])
    rows = [row for row in rows if row.until_on is None or row.until_on > row.from_on]
    held = ClassOverride.objects.filter(
        customer=customer, withdrawn_at__isnull=True, until_on__gte=day
    ).select_related("by")
    by_kind = {row.kind: row for row in held.order_by("recorded_at", "pk")}
    money = sees_money(user)
    past = [row for row in rows if row.until_on is not None][:HISTORY]
    shown = [*past, *(row for row in rows if row.until_on is None)]
    rules = rules_of({(row.kind, row.version) for row in shown})
    return {
        "lines": [
            _line(it, rows, by_kind.get(it), day, rules=rules, customer=customer, money=money)
            for it in (STAGE, TIER, FIT)
        ],
        "past": [_past(row, day, rules=rules) for row in past],
        "opinion": FitOpinion.objects.filter(at_customer(customer.pk))
        .select_related("by")
        .order_by("-said_on", "-pk")
        .first(),
        "gates": gates_of(customer, day),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def _line(
    kind: str,
    rows: Sequence[Classification],
    held: ClassOverride | None,
    day: date,
    *,
    rules: Rules,
    customer: Customer,
    money: bool,
) -> Line:
    mine = [row for row in rows if row.kind == kind]
    now = next((row for row in mine if row.until_on is None), None)
    if now is None:
        return Line(kind, str(KINDS[kind]), "", value_title(kind, ""), "", "", [], None, None, None)
    since_on = now.from_on
    for row in mine[mine.index(now) + 1 :]:  # the same value, said by somebody else before
        if row.value != now.value or row.until_on != since_on:
            break
        since_on = row.from_on
    custom = custom_read(now.reason, customer.custom)
    fields = tuple(it for it in fields_of(kind, custom=custom) if money or not it.is_money)
    return Line(
        kind,
        str(KINDS[kind]),
        now.value,
        value_title(kind, now.value),
        now.said_by,
        title_in(rules[kind, now.version], now.rule),
        facts_in_words(now.reason, fields),
        since_on,
        max((day - since_on).days, 0),  # an act of today stands beside the day before
        held if now.said_by == SaidBy.PERSON else None,
    )


def _past(row: Classification, day: date, *, rules: Rules) -> Past:
    why = title_in(rules[row.kind, row.version], row.rule)
    if row.said_by == SaidBy.PERSON:
        why = str(row.reason.get("reason", ""))
    elif row.said_by == SaidBy.IMPORT:
        why = str(SaidBy.IMPORT.label)
    return Past(
        str(KINDS[row.kind]),
        row.kind,
        row.value,
        value_title(row.kind, row.value),
        row.from_on,
        row.until_on,
        max(((row.until_on or day) - row.from_on).days, 0),
        why,
    )


def gates_of(customer: Customer, day: date) -> list[tuple[Any, Gate]] | None:
    """First use, and live in normal use; None when service has no beginning, or nothing
    is known of anybody's use."""
    lines = OrderLine.objects.filter(at_customer(customer.pk), void=False)
    opened_on = lines.aggregate(first=Min("start_on"))["first"] or customer.created_on
    if opened_on is None or opened_on > day or not open_store().snapshot("activity").rows:
        return None
    rules: Gates = rules_in_force(STAGE).gates
    live = entitlements([customer.pk], day).get(customer.pk) if rules.products else None
    live_days = rules.live_days_of(live.products if live else ())
    first_on = opened_on - timedelta(days=EARLY_DAYS)
    last_on = min(day, opened_on + timedelta(days=LOOK_DAYS))
    found = daily_counts(from_on=first_on, to_on=last_on, customers=[customer.external_id])
    counts = found.counts[0].tolist() if len(found.customers) else []
    used_on = first_use(counts, first_on=first_on)
    normal_on = normal_use(counts, first_on=first_on)
    return [
        (
            _("First use"),
            gate(opened_on, within_days=rules.first_use_days, reached_on=used_on, as_of=day),
        ),
        (
            _("Live and in normal use"),
            gate(opened_on, within_days=live_days, reached_on=normal_on, as_of=day),
        ),
    ]


CLASSES = Panel(_("Stage, tier and fit"), "health/panel_classes.html", context)
