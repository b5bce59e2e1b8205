"""What a person did in a span of days: sums, and exact sets as bits.

One row per customer and person. `days` has bit i set when the person was active i days before
the span's end, `features` the bits of the registry: people, days and features are counted by
counting bits, exactly, in one pass over daily activity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import ibis
import ibis.expr.types as ir

from perennial.events.store.functions import bit_at, bit_count, bit_or

MASK_DAYS = 63  # bits of one number; longer spans take several


@dataclass(frozen=True, slots=True)
class Use:
    """The columns of one span in a table with a row per customer (or product) and person."""

    people: ir.Table
    name: str
    days: int

    def _column(self, name: str) -> ir.Column:
        return self.people[f"{self.name}_{name}"]

    @property
    def person(self) -> ir.Column:
        """The person's id; null for what nobody is named for."""
        return self.people.person

    @property
    def value(self) -> ir.Column:
        return self._column("value")

    @property
    def deep(self) -> ir.Column:
        return self._column("deep")

    @property
    def features(self) -> ir.Column:
        return self._column("features")

    @property
    def last_on(self) -> ir.Column:
        return self._column("last_on")

    @property
    def masks(self) -> tuple[ir.Column, ...]:
        return tuple(self._column(f"days{part}") for part in range(_parts(self.days)))

    @property
    def is_active(self) -> ir.BooleanColumn:
        """The person did anything in the span."""
        return reduce(lambda a, b: a | b, (mask != 0 for mask in self.masks))

    @property
    def active_people(self) -> ir.IntegerScalar:
        return self.person.count(where=self.is_active)

    @property
    def active_days(self) -> ir.IntegerScalar:
        """Days on which anybody was active."""
        return sum((bit_count(bit_or(mask)) for mask in self.masks), ibis.literal(0, "int64"))

    @property
    def person_days(self) -> ir.IntegerScalar:
        """Active days of each named person, added up."""
        each = sum((bit_count(mask) for mask in self.masks), ibis.literal(0, "int64"))
        return each.sum(where=self.person.notnull()).fill_null(0)


def _parts(days: int) -> int:
    return -(-days // MASK_DAYS)


def span_columns(
    rows: ir.Table, *, name: str, days: int, age: ir.IntegerColumn, inside: ir.BooleanColumn
) -> Mapping[str, ir.Value]:
    """The columns that `Use` of this name reads, aggregated from activity; `age` counts back
    from the span's end. Engines leave out those that nobody asks for."""
    masks = {
        f"{name}_days{part}": bit_or(
            ibis.ifelse(inside, bit_at(age - MASK_DAYS * part), ibis.null("int64"))
        ).fill_null(0)
        for part in range(_parts(days))
    }
    return {
        f"{name}_value": rows.value.sum(where=inside),
        f"{name}_deep": rows.deep.sum(where=inside),
        f"{name}_features": bit_or(ibis.ifelse(inside, rows.features, ibis.literal(0, "int64"))),
        f"{name}_last_on": rows.day.max(where=inside),
        **masks,
    }
