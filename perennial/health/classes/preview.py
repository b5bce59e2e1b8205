"""What rules say of the customers that somebody sees: how many each catches, who would change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.health.classes.facts import Facts, facts_on
from perennial.health.classes.queries import Verdicts, all_in_force, meets_by, verdicts
from perennial.health.classes.rules.definition import VALUES, RuleSet
from perennial.health.classes.rules.judging import Reach, reaches
from perennial.team import days
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.units.moment import business_day

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Share:
    """Customers and ARR of one value, now and with the rules looked at; ARR None: not seen."""

    value: str
    before: int
    after: int
    arr_before: float | None
    arr_after: float | None


@dataclass(frozen=True, slots=True)
class Moved:
    customer: Customer
    before: str
    after: str
    arr: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """`reach` is per rule; `rest` counts whom no rule catches; `overridden` hold by a person."""

    day: date
    whole: int
    reach: list[Reach]
    rest: int
    overridden: int
    shares: list[Share]
    moved: list[Moved]
    moved_count: int
    moved_arr: float | None


class Book:
    """The customers that a user sees, with their facts on the shown day. None computed: empty."""

    def __init__(self, user: User, *, at: datetime) -> None:
        self.user = user
        self.day = days.last_day()
        self.today = business_day(at, settings.PERENNIAL_TIME_ZONE)

    @cached_property
    def facts(self) -> Facts:
        return facts_on(self.day or self.today)

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        pks = set(visible_customers(self.user).values_list("pk", flat=True))
        return np.array([pk in pks for pk in self.facts.pks.tolist()], np.bool_)

    def judged(self, rules: RuleSet) -> Verdicts:
        facts = self.facts
        imported = [
            fact or tier
            for fact, tier in zip(facts.now["imported_tier"], facts.now["tier"], strict=True)
        ]
        return verdicts(
            facts, {**all_in_force(), rules.kind: rules}, on=self.today, imported=imported
        )

    def preview(self, rules: RuleSet) -> Preview:
        """Raises FilterRefused for rules that cannot be read."""
        found, kind = self.judged(rules), rules.kind
        seen = self.seen
        places = np.flatnonzero(seen).tolist()
        before = [self.facts.now[kind][at] for at in places]
        after = [found.said[kind][at].value for at in places]
        arr = self._arr()[seen]
        moved = [
            at for at, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]
        ]
        judged = found.judged[kind]
        mine = type(judged)(judged.value[seen], judged.rule[seen])
        money = sees_money(self.user)
        return Preview(
            self.facts.day,
            len(places),
            reaches(rules, mine, lambda rule: meets_by(rules, self.facts, rule)[seen]),
            int((mine.rule < 0).sum()),
            sum(found.said[kind][at].said_by == "person" for at in places),
            self._shares(kind, before, after, arr if money else None),
            self._moved(places, moved, before, after, arr if money else None),
            len(moved),
            float(arr[moved].sum()) if money else None,
        )

    def _arr(self) -> NDArray[np.float64]:
        return np.asarray(np.nan_to_num(self.facts.columns["arr"]), np.float64)

    def _shares(
        self, kind: str, before: list[str], after: list[str], arr: NDArray[np.float64] | None
    ) -> list[Share]:
        now, then = Counter(before), Counter(after)

        def money(values: list[str], value: str) -> float | None:
            if arr is None:
                return None
            return float(arr[[at for at, one in enumerate(values) if one == value]].sum())

        return [
            Share(value, now[value], then[value], money(before, value), money(after, value))
            for value in (*VALUES[kind], "")
            if value or now[value] or then[value]
        ]

    def _moved(
        self,
        places: list[int],
        moved: list[int],
        before: list[str],
        after: list[str],
        arr: NDArray[np.float64] | None,
    ) -> list[Moved]:
        """The largest first where money is seen."""
        order = moved if arr is None else sorted(moved, key=lambda at: -float(arr[at]))
        first = order[:SHOWN]
        pks = [int(self.facts.pks[places[at]]) for at in first]
        named = Customer.objects.in_bulk(pks)
        return [
            Moved(named[pk], before[at], after[at], None if arr is None else float(arr[at]))
            for at, pk in zip(first, pks, strict=True)
        ]
