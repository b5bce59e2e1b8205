"""The history of tiers, fits and stages: what held on a day, and what was known of it then."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from perennial.customers.models import Classification, ClassKind, Customer, SaidBy
from perennial.customers.queries import classes_on

pytestmark = pytest.mark.django_db
START = date(2025, 1, 1)


def customer(name: str) -> Customer:
    return Customer.objects.create(
        external_id=name, name=name, recorded_at=datetime(2025, 1, 1, tzinfo=UTC)
    )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)  # noon in Shanghai


def day(number: int) -> date:
    return START + timedelta(days=number)


def asked(pairs: list[tuple[int, date]], *, known: bool) -> list[str | None]:
    found = classes_on(
        "tier",
        np.array([pk for pk, _ in pairs], np.int64),
        np.array([on for _, on in pairs], "datetime64[D]"),
        known=known,
    )
    return list(found)


def test_nobody_classed_is_none() -> None:
    assert asked([(1, START)], known=True) == [None]


def random_history(one: Customer, rng: random.Random) -> list[Classification]:
    """Periods that follow each other, some empty, some with a gap; recorded later or earlier."""
    rows, on = [], rng.randrange(30)
    for number in range(rng.randrange(6)):
        until = on + rng.choice([0, 1, 7, 40])
        is_open = number == 5 or rng.random() < 0.2
        recorded = on + rng.choice([0, 1, 30, 300])
        rows.append(
            Classification(
                customer=one,
                kind=ClassKind.TIER,
                value=rng.choice(["S", "A", "B", "C", ""]),
                from_on=day(on),
                until_on=None if is_open else day(until),
                said_by=SaidBy.RULE,
                recorded_at=noon(day(recorded)),
                closed_at=None if is_open else noon(day(max(recorded, until))),
            )
        )
        if is_open:
            break
        on = until + rng.choice([0, 0, 5])
    return rows


def one_by_one(rows: list[Classification], on: date, *, known: bool) -> str | None:
    """The plain road: the last row that had begun, unless it had ended."""
    found = None
    for row in rows:
        if row.from_on <= on and (not known or row.recorded_at <= noon(on)):
            found = row
    if found is None:
        return None
    end_known = found.until_on and (not known or (found.closed_at and found.closed_at <= noon(on)))
    return None if end_known and found.until_on and found.until_on <= on else found.value


@pytest.mark.parametrize("known", [False, True])
def test_many_pairs_at_once_equal_one_by_one(known: bool) -> None:
    rng = random.Random(5)
    histories = {}
    for number in range(40):
        one = customer(f"c{number}")
        histories[one.pk] = random_history(one, rng)
        Classification.objects.bulk_create(histories[one.pk])
    pairs = [(pk, day(rng.randrange(400))) for pk in histories for _ in range(25)]
    expected = [one_by_one(histories[pk], on, known=known) for pk, on in pairs]
    assert asked(pairs, known=known) == expected
    assert {"S", "", None} <= set(expected)


def test_what_is_recorded_later_changes_nothing_that_was_known() -> None:
    one = customer("c")
    first = Classification.objects.create(
        customer=one,
        kind="tier",
        value="B",
        from_on=day(0),
        said_by="rule",
        recorded_at=noon(day(0)),
    )
    pairs = [(one.pk, day(number)) for number in range(60)]
    before = asked(pairs[:30], known=True)
    first.until_on, first.closed_at = day(10), noon(day(40))  # found out late, of the past
    first.save()
    Classification.objects.create(
        customer=one,
        kind="tier",
        value="S",
        from_on=day(10),
        said_by="rule",
        recorded_at=noon(day(40)),
    )
    assert asked(pairs[:30], known=True) == before
    assert asked(pairs, known=True)[39:41] == ["B", "S"]
    assert asked(pairs, known=False)[9:11] == ["B", "S"], "as known now it began on its day"
