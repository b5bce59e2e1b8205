"""The same figures for any cases: a customer on a day, each with what was known on that day.

One pass over the rows of all cases, whatever the number of different days. The rows of a case
are those under any id that its customer has on that day (table `cases`), received by the day
on which it is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from perennial.events.store.functions import bit_or
from perennial.metrics.catalog import tables
from perennial.metrics.catalog.metric import Metric
from perennial.metrics.catalog.periodic import Selection
from perennial.metrics.catalog.rows import Reading, selected_rows, standing
from perennial.metrics.catalog.use import Use, span_columns
from perennial.metrics.catalog.windows import WINDOW_DAYS, windows_of

_KEPT = ("case", "as_of")


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """A metric over the `days` up to each case's day, perhaps of some events only.

    `how` never has merges: the cases know every id of theirs.
    """

    metric: Metric
    days: int
    how: Reading
    selection: Selection | None = None

    @property
    def needs_all(self) -> bool:
        """Rows of any age, to know the first one."""
        return "first_day" in self.metric.needs


def case_windows(how: Reading) -> ir.Table:
    """The columns of `windows.customer_windows`, one row per case with an event in 112 days."""
    rows = _aged(_activity(how))
    return windows_of(rows.filter(rows.age < WINDOW_DAYS), "case")


def case_spans(how: Reading) -> ir.Table:
    """First and last day with an event, one row per case with any event until its day."""
    rows = _activity(how)
    return rows.group_by("case").agg(first_seen_on=rows.day.min(), last_seen_on=rows.day.max())


def case_people(how: Reading, *, days: int) -> ir.Table:
    """Days with an event, in the last `days` and ever, of every named person of a case."""
    rows = _aged(_activity(how))
    rows = rows.filter(rows.person.notnull())
    found = rows.group_by("case", "person").agg(
        active_days=rows.day.nunique(where=rows.age < days), last_seen_on=rows.day.max()
    )
    return found.semi_join(tables.wanted_people, ["case", "person"])


def case_figures(asked: CaseQuestion) -> ir.Table:
    """Columns case and value; null where no day was observed, or where the metric does not know.
    Cases without a row in the span (and its past) are absent."""
    chosen = asked.selection
    every = _aged(_activity(asked.how) if chosen is None else _events(asked.how, chosen))
    past_days = asked.metric.before_days
    rows = every.filter(every.age < asked.days + past_days)
    inside = rows.age < asked.days
    columns = dict(span_columns(rows, name="now", days=asked.days, age=rows.age, inside=inside))
    if past_days:
        columns |= span_columns(
            rows, name="past", days=past_days, age=rows.age - asked.days, inside=~inside
        )
    people = rows.group_by("case", "person").agg(**columns)
    past = Use(people, "past", past_days) if past_days else None
    found = people.group_by("case").agg(**asked.metric.parts(Use(people, "now", asked.days), past))
    found = found.join(tables.case_facts, "case")
    if asked.needs_all:
        first = every.group_by("case").agg(first_on=every.day.min())
        found = found.join(first, "case")
        day = found.first_on.delta(ibis.date(1970, 1, 1), unit="day").cast("int64")
        found = found.mutate(first_day=day)
    knows = found.observed_days > 0
    if "deep" in asked.metric.needs and not asked.how.deep_bits:
        knows = ibis.literal(False)
    value = ibis.ifelse(knows, asked.metric.value(found), ibis.null())
    return found.select(case=found.case, value=value)


def days_heard() -> ir.Table:
    """What arrived when, of the whole installation: one row per day and days of knowing, with
    the features that were used."""
    rows = tables.activity_ever
    rows = rows.mutate(counts=rows.customer.notnull() & ~rows.bot.fill_null(False))
    return rows.group_by("day", "received_on", "replaced_on", "counts").agg(
        features=bit_or(rows.features)
    )


def _activity(how: Reading) -> ir.Table:
    return standing(_of_cases(tables.activity_ever), how)


def _events(how: Reading, chosen: Selection) -> ir.Table:
    events = tables.events_ever
    known_on = ibis.greatest(events.received_on, ibis.coalesce(events.known_on, events.received_on))
    cases = _of_cases(events.mutate(received_on=known_on).drop("known_on"))
    return selected_rows(
        how, event=chosen.event, rule=chosen.rule, where=chosen.where, events=cases, keep=_KEPT
    )


def _of_cases(rows: ir.Table) -> ir.Table:
    """The rows that each case knows of, as often as cases do."""
    found = rows.join(tables.cases, "customer")
    replaced = found.replaced_on.isnull() | (found.replaced_on > found.known_on)
    return found.filter(
        (found.day <= found.as_of) & (found.received_on <= found.known_on) & replaced
    )


def _aged(rows: ir.Table) -> ir.Table:
    return rows.mutate(age=rows.as_of.delta(rows.day, unit="day").cast("int64"))
