"""When value is shown to a customer: the days of its touchpoints.

1. A rule counts from the start of service, back from the renewal, or comes round and round.
2. Its days differ by tier; a tier that it does not name has no such touchpoint.
3. A rule may be for some stages only: reviews begin when the onboarding is over.
4. Each has a name of its own (rule and day it counts from), so that it is planned once.
5. Only what lies ahead is planned, and the last 14 days: a first run does not flood anybody.
6. On time: held by the seventh day after it was due. Skipped ones are nobody's fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

BACK_DAYS = 14
AHEAD_DAYS = 120
NEAR_DAYS = 7  # a contact this close to a touchpoint may be the one
ON_TIME_DAYS = 7
OTHER_TIER = "other"
TIERS = ("S", "A", "B", "C", OTHER_TIER)


class Anchor(StrEnum):
    """What a rule counts its days from."""

    START = "start"
    RENEWAL = "renewal"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Rule:
    """`days` by tier: after the start, before the renewal, or between two. `stages` empty: all."""

    name: str
    kind: str
    title: Mapping[str, str]
    anchor: Anchor
    days: Mapping[str, int]
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A touchpoint that a rule asks for; `key` names it at its customer."""

    rule: Rule
    key: str
    due_on: date


def planned(
    rules: Sequence[Rule],
    *,
    tier: str,
    stage: str,
    started_on: date | None,
    renewal_on: date | None,
    from_on: date,
    until_on: date,
) -> Iterator[Planned]:
    """What the rules ask of a customer in [from_on, until_on)."""
    for rule in rules:
        days = rule.days.get(tier or OTHER_TIER)
        if days is None or (rule.stages and stage not in rule.stages):
            continue
        for counted_from, due_on in _days_of(
            rule, days, started_on, renewal_on, from_on=from_on, until_on=until_on
        ):
            if from_on <= due_on < until_on:
                yield Planned(rule, f"{rule.name}:{counted_from.isoformat()}", due_on)


def _days_of(
    rule: Rule,
    days: int,
    started_on: date | None,
    renewal_on: date | None,
    *,
    from_on: date,
    until_on: date,
) -> Iterator[tuple[date, date]]:
    if rule.anchor is Anchor.RENEWAL:
        if renewal_on is not None:
            yield renewal_on, renewal_on - timedelta(days=days)
        return
    if started_on is None:
        return
    if rule.anchor is Anchor.START:
        yield started_on, started_on + timedelta(days=days)
        return
    passed = max((from_on - started_on).days, 0)
    round_no = max(-(-passed // days), 1)
    while (due_on := started_on + timedelta(days=days * round_no)) < until_on:
        yield due_on, due_on
        round_no += 1


def is_on_time(due_on: date, done_on: date | None) -> bool:
    """Held by the seventh day after it was due."""
    return done_on is not None and done_on <= due_on + timedelta(days=ON_TIME_DAYS)
