"""Which rows count: of people rather than bots, under the customer that survives a merge.

What was known at the end of a day is the door's to say (`known_by` of its answer).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import ibis
import ibis.expr.types as ir

from perennial.events.queries.feature_rules import condition
from perennial.events.rules.features import FeatureRule
from perennial.events.rules.kinds import COUNTED, Kind
from perennial.events.store.functions import property_text
from perennial.metrics.catalog import tables

Where = tuple[tuple[str, str], ...]
_COLUMNS = ("product", "source")  # of the event itself, where its properties do not have them


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read. `has_merged`: customers were merged, so that `merged` is to be asked.

    `deep_bits` and `rules` (bit and rule) are those of features, for reading events themselves.
    """

    with_bots: bool = False
    has_merged: bool = False
    deep_bits: int = 0
    rules: tuple[tuple[int, FeatureRule], ...] = ()


def activity_rows(how: Reading) -> ir.Table:
    """Daily activity as it counts."""
    return standing(tables.activity, how)


def selected_rows(
    how: Reading,
    *,
    event: str | None,
    rule: FeatureRule | None,
    where: Where,
    events: ir.Table = tables.events,
    keep: tuple[str, ...] = (),
) -> ir.Table:
    """Events that fit, in the shape of daily activity: every metric can be of some events only.

    `rule`: what makes an event use of the feature that is asked for, instead of its name.
    `keep` names further columns of `events` that the rows keep.
    """
    rows = _counted(events)
    if rule is not None:
        rows = rows.filter(condition(rule, rows))
    elif event is not None:
        rows = rows.filter(rows.event == event)
    for name, value in where:
        rows = rows.filter(_property(rows, name) == value)
    return standing(_shaped(rows, how, keep), how)


def _counted(rows: ir.Table) -> ir.Table:
    """Rows of what people did; a day of a file that came to nothing is none."""
    is_nothing = (rows.kind == Kind.DAILY.value) & (rows.value == 0)
    return rows.filter(rows.kind.isnull() | (rows.kind.isin(sorted(COUNTED)) & ~is_nothing))


def _shaped(rows: ir.Table, how: Reading, keep: tuple[str, ...]) -> ir.Table:
    joined = rows.left_join(tables.features, "event")
    mask = joined.mask.fill_null(0)
    for bit, rule in how.rules:
        mask = mask | ibis.ifelse(condition(rule, joined), ibis.literal(1 << bit, "int64"), 0)
    is_deep = (mask & ibis.literal(how.deep_bits, "int64")) != 0
    return joined.select(
        day=joined.day,
        customer=joined.customer,
        person=joined.person,
        product=joined.product,
        value=joined.value,
        features=mask,
        deep=ibis.ifelse(is_deep, joined.value, 0.0),
        bot=joined.bot,
        **{name: joined[name] for name in keep},
    )


def standing(rows: ir.Table, how: Reading) -> ir.Table:
    if not how.with_bots:
        rows = rows.filter(~rows.bot.fill_null(False))
    if not how.has_merged:
        return rows
    joined = rows.left_join(tables.merged, "customer")
    return joined.mutate(customer=ibis.coalesce(joined.survivor, joined.customer)).select(
        *rows.columns
    )


def _property(rows: ir.Table, name: str) -> ir.StringValue:
    """A property as text; a name with dots is looked for as it stands, then inside."""
    found = [property_text(rows.properties, name)]
    if "." in name:
        found.append(reduce(property_text, name.split("."), rows.properties))
    if name in _COLUMNS:
        found.append(rows[name])
    return ibis.coalesce(*found) if len(found) > 1 else found[0]
