"""The stages of the time before anybody judged: told once from the ledger, as it is known now.

Only where the rules read nothing that the ledger and the customer's record cannot tell of a past
day. It is written down as recorded today: a backtest does not take it for known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perennial.contracts.queries import everybodys_terms
from perennial.contracts.rules import Kind, Term, due_groups
from perennial.customers.models import Classification, SaidBy
from perennial.health.classes.facts import BACK_AFTER_DAYS, Facts
from perennial.health.classes.queries import fields_read, meets_by
from perennial.health.classes.rules.definition import STAGE, RuleSet
from perennial.health.classes.rules.judging import judge

LONGEST_DAYS = 760
LEDGER = frozenset({"age_days", "lapsed", "paying", "due_in_days", "returned_days"})
RECORD = frozenset({"industry", "size", "region", "tags"})  # as it is now
BATCH = 500
Days = NDArray[np.datetime64]


NOT_YET = -2  # in the place of a rule: before service was opened


@dataclass(frozen=True, slots=True)
class Spans:
    """Periods [start, end) of customers, by their place in the facts, in order of their start."""

    place: NDArray[np.int64]
    start: Days
    end: Days


@dataclass(frozen=True, slots=True)
class Past:
    """The ledger as spans: paid for; from each due day to when it was renewed; returns."""

    paid: Spans
    due: Spans
    back: Spans
    opened: Days


def stages_until(facts: Facts, rules: Mapping[str, RuleSet], *, at: datetime) -> dict[int, date]:
    """Write the stages of the past `LONGEST_DAYS` days; since when the stage of each customer is
    what it is on the day of the facts. Nothing where a rule reads more than the ledger tells."""
    of_stage = rules[STAGE]
    read = {name for rule in of_stage.rules for name in fields_read(rule.when)}
    if not read <= LEDGER | RECORD or not len(facts.pks):
        return {}
    past = _past(facts)
    days = [facts.day - timedelta(days=back) for back in range(LONGEST_DAYS, -1, -1)]
    told = np.array([_told(of_stage, facts, past, day) for day in days])
    rows: list[Classification] = []
    began: dict[int, date] = {}
    for place, pk in enumerate(facts.pks.tolist()):
        column = told[:, place]
        starts = [0, *(np.flatnonzero(column[1:] != column[:-1]) + 1).tolist()]
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            if end is None:
                began[pk] = days[start]
            elif column[start] >= 0:
                rule = of_stage.rules[column[start]]
                rows.append(_row(pk, rule.value, rule.name, of_stage, days[start], days[end], at))
    Classification.objects.bulk_create(rows, batch_size=BATCH)
    return began


def _row(
    pk: int, value: str, rule: str, rules: RuleSet, from_on: date, until_on: date, at: datetime
) -> Classification:
    return Classification(
        customer_id=pk,
        kind=STAGE,
        value=value,
        from_on=from_on,
        until_on=until_on,
        said_by=SaidBy.RULE,
        rule=rule,
        version=rules.version,
        recorded_at=at,
        closed_at=at,
    )


def _told(rules: RuleSet, facts: Facts, past: Past, day: date) -> NDArray[np.int8]:
    """Per customer the place of the rule that says its stage at the end of a past day."""
    then = replace(facts, day=day, columns={**facts.columns, **_columns(past, day)})
    judged = judge(rules, size=len(facts.pks), meets=partial(meets_by, rules, then))
    not_yet = past.opened > np.datetime64(day, "D")
    return np.where(not_yet, NOT_YET, judged.rule).astype(np.int8)


def _columns(past: Past, day: date) -> dict[str, NDArray[Any]]:
    on, size = np.datetime64(day, "D"), len(past.opened)
    live = (past.paid.start <= on) & (past.paid.end > on)
    paying = np.bincount(past.paid.place[live], minlength=size) > 0
    paid = np.bincount(past.paid.place[past.paid.start <= on], minlength=size) > 0
    open_due = (past.due.start >= on) & (past.due.end > on)
    due = np.full(size, np.nan)
    falls = np.flatnonzero(open_due)[::-1]  # the earliest of a customer is written last
    due[past.due.place[falls]] = (past.due.start[falls] - on).astype(np.int64)
    returned = np.full(size, np.nan)
    came = np.flatnonzero(past.back.start <= on)
    returned[past.back.place[came]] = (on - past.back.start[came]).astype(np.int64)
    age = (on - past.opened).astype(np.float64)
    age[np.isnat(past.opened)] = np.nan
    return {
        "paying": paying,
        "lapsed": paid & ~paying,
        "age_days": age,
        "due_in_days": due,
        "returned_days": returned,
    }


def _past(facts: Facts) -> Past:
    place_of = {pk: place for place, pk in enumerate(facts.pks.tolist())}
    age = facts.columns["age_days"]
    opened = np.datetime64(facts.day, "D") - np.nan_to_num(age).astype("timedelta64[D]")
    opened[np.isnan(age)] = np.datetime64("NaT")
    paid, due, back = [], [], []
    for pk, terms in everybodys_terms().items():
        if pk not in place_of:
            continue
        mine = [(term.start_on, term.end_on or date.max) for term in terms if is_paid(term)]
        paid += [(place_of[pk], *span) for span in mine]
        due += [(place_of[pk], *span) for span in _dues(terms)]
        back += [(place_of[pk], on, date.max) for on in _returns(mine)]
    return Past(_spans(paid), _spans(due), _spans(back), opened)


def is_paid(term: Term) -> bool:
    return term.kind not in (Kind.TRIAL, Kind.BUYOUT) and (term.mrr != 0 or bool(term.unknown))


def _dues(terms: Iterable[Term]) -> Iterable[tuple[date, date]]:
    """Every due day, and when its renewal was signed."""
    terms = list(terms)
    signed = {term.order_id: term.signed_on for term in terms}
    for group in due_groups(terms):
        renewals = [signed[it] for it in group.renewed_by if it in signed]
        yield group.due_on, min(renewals, default=date.max)


def _returns(spans: Iterable[tuple[date, date]]) -> Iterable[date]:
    """The days on which a customer began to pay again after a gap."""
    until: date | None = None
    for start, end in sorted(spans):
        if until is not None and start > until and (start - until).days > BACK_AFTER_DAYS:
            yield start
        until = end if until is None else max(until, end)


def _spans(found: list[tuple[int, date, date]]) -> Spans:
    found.sort(key=lambda it: it[1])
    places, starts, ends = zip(*found, strict=True) if found else ((), (), ())
    return Spans(
        np.array(places, np.int64),
        np.array(starts, "datetime64[D]"),
        np.array(ends, "datetime64[D]"),
    )
