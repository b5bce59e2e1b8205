"""Own rules and quiet windows as they are defined, and whom a rule would mean today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from perennial.alerts.models import OwnRule, QuietWindow
from perennial.alerts.rules.definitions import RuleDefinition, WindowDefinition
from perennial.alerts.signals.columns import FIELDS, table
from perennial.alerts.signals.facts import read
from perennial.alerts.signals.own import field_names, fits, values
from perennial.customers.filter_words import in_words
from perennial.customers.filters import Field, FilterRefused, parse
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.health.inputs import served
from perennial.team.models import User

FEW = 8


def definition_of(row: OwnRule) -> RuleDefinition:
    return RuleDefinition(
        row.name,
        row.title_zh,
        row.title_en,
        row.enter,
        row.leave,
        row.severity_rate,
        row.calm_days,
        row.cool_down_days,
        row.is_on,
    )


def defined_rules() -> list[RuleDefinition]:
    return [definition_of(row) for row in OwnRule.objects.order_by("name")]


def defined_windows() -> list[WindowDefinition]:
    """Every quiet window, the newest last."""
    rows = QuietWindow.objects.select_related("customer").order_by("from_on", "to_on", "pk")
    return [window_of(row) for row in rows]


def window_of(row: QuietWindow) -> WindowDefinition:
    customer = row.customer.external_id if row.customer else ""
    return WindowDefinition(row.name, row.from_on, row.to_on, customer)


def words_of(text: str, *, owners: Mapping[int, str]) -> str:
    """A filter in words; of one that cannot be read, the text itself."""
    try:
        return in_words(parse(text), known_fields(), owners)
    except (FilterRefused, KeyError):
        return text


def known_fields() -> dict[str, Field]:
    return {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a rule means today, of those that the asker sees: how many enter, how many more are
    between the two filters, of how many; and the first few with what the rule read of them."""

    entering: int
    staying: int
    among: int
    few: list[tuple[Customer, list[list[object]]]]


def reach_of(user: User, it: RuleDefinition, *, as_of: date) -> Reach:
    """Raises FilterRefused. One read of the day, whatever the rule."""
    visible = {row.pk: row for row in visible_customers(user)}
    served_today = [row for row in served(as_of) if row.pk in visible]
    if not served_today:
        parse(it.enter)
        return Reach(0, 0, 0, [])
    facts = read(served_today, day=as_of, unjudged=frozenset(), silent=False)
    seen = table(facts)
    inside = fits(it.enter, seen)
    staying = (fits(it.leave, seen) if it.leave else inside) & ~inside
    names = field_names(parse(it.enter))
    first = np.flatnonzero(inside)[:FEW]
    few = [(visible[seen.pks[row]], values(seen, int(row), names)) for row in first]
    return Reach(int(inside.sum()), int(staying.sum()), len(seen.pks), few)
