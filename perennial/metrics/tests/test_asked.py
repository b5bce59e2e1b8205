"""`metrics query` against plain loops over the same events: two roads to every figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from perennial.customers.merging import merge_customers
from perennial.customers.models import Customer
from perennial.events.load import undo_batch
from perennial.events.models import Feature
from perennial.events.store import drop_before, open_store
from perennial.metrics.catalog import METRICS, metric_named
from perennial.metrics.jobs import fill, refill
from perennial.metrics.queries import customer_metrics, daily_counts
from perennial.metrics.queries.asked import Asked, ask
from perennial.metrics.rules.periods import By, Grain, Span, spans
from perennial.metrics.tests.conftest import Fact
from perennial.team.models import InstallationFact

Happen = Callable[[Sequence[Fact]], dict[str, int]]
FIRST, LAST = date(2026, 1, 5), date(2026, 4, 20)
TODAY = date(2026, 6, 30)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAMES = [
    metric.name for metric in METRICS if metric.name not in ("seat_login_rate", "north_star_met")
]


def asked(metric: str, **changes: Any) -> Asked:
    found = metric_named(metric)
    assert found is not None
    plain: dict[str, Any] = {
        "grain": Grain.MONTH,
        "by": By.CUSTOMER,
        "from_on": FIRST,
        "to_on": LAST,
    }
    return Asked(metric=found, **({"today": TODAY} | plain | changes))


def values(question: Asked) -> dict[tuple[date, str], object]:
    rows = ask(question).to_pylist()
    keys = [(row["period_start"], row[question.by.value]) for row in rows]
    assert keys == sorted(set(keys))
    return dict(zip(keys, (row["value"] for row in rows), strict=True))


def by_hand(facts: Sequence[Fact], question: Asked) -> dict[tuple[date, str], object]:
    """Loops over events: no engine, no bits, no calendar table."""
    facts = [
        it
        for it in facts
        if question.received_by is None or (it.received_on or it.on) <= question.received_by
    ]
    ends = [max(it.on, it.received_on or it.on) for it in facts]
    wanted = [it for it in facts if question.event in (None, it.event)]
    keys = {
        By.CUSTOMER: lambda it: it.customer,
        By.PERSON: lambda it: it.person,
        By.PRODUCT: lambda it: it.product,
    }
    found: dict[tuple[date, str], object] = {}
    for span in spans(
        question.from_on, question.to_on, question.grain, window_days=question.window_days
    ):
        if span.first_on > (question.received_by or TODAY):
            break  # has not begun
        for key in sorted({k for it in wanted if (k := keys[question.by](it)) is not None}):
            mine = [it for it in wanted if keys[question.by](it) == key]
            seen = _observed(span, min(it.on for it in facts), min(max(ends), TODAY), question)
            for value in _values(question.metric.name, mine, span, seen):
                found[span.first_on, key] = value if seen else None
    return found


def _observed(span: Span, first_on: date, last_on: date, question: Asked) -> int:
    last_on = min(last_on, question.received_by or last_on)
    return max((min(span.last_on, last_on) - max(span.from_on, first_on)).days + 1, 0)


def _values(name: str, mine: list[Fact], span: Span, seen: int) -> Iterator[object]:
    """The value of the period; none when nothing happened that it looks at."""
    now = [it for it in mine if span.from_on <= it.on <= span.last_on]
    past = [it for it in mine if 1 <= (span.from_on - it.on).days <= 84]
    people = {it.person for it in now} - {None}
    if not now and not (past and name == "usage_trend_rate"):
        return
    match name:
        case "event_count":
            yield sum(it.value for it in now)
        case "active_people":
            yield len(people)
        case "active_days":
            yield len({it.on for it in now})
        case "last_seen_on":
            yield max(it.on for it in now)
        case "feature_breadth":
            yield len({it.event for it in now})
        case "deep_use_count":
            yield sum(it.value for it in now if it.event == "export")
        case "stickiness":
            each = len({(it.person, it.on) for it in now if it.person})
            yield each / (len(people) * seen) if people and seen else None
        case "usage_trend_rate":
            days = min((span.from_on - min(it.on for it in mine)).days, 84)
            before = sum(it.value for it in past)
            if days < 14 or before <= 0 or not seen:
                yield None
            else:
                yield Fraction(sum(it.value for it in now)) / seen / (Fraction(before) / days) - 1


FACTS = st.lists(
    st.builds(
        Fact,
        on=st.integers(-80, 110).map(lambda n: FIRST + timedelta(days=n)),
        customer=st.sampled_from(["甲", "b"]),
        person=st.sampled_from(["ann", "bob", None]),
        event=st.sampled_from(["login", "export", "share"]),
        value=st.sampled_from([0.0, 1.0, 2.5]),
        product=st.sampled_from(["crm", None]),
        received_on=st.none() | st.integers(-60, 110).map(lambda n: FIRST + timedelta(days=n)),
    ),
    min_size=1,
    max_size=50,
)
OPTIONS = st.fixed_dictionaries(
    {
        "grain": st.sampled_from(Grain),
        "by": st.sampled_from(By),
        "window_days": st.sampled_from([None, 1, 28, 90]),
        "event": st.sampled_from([None, "export"]),
        "received_by": st.none() | st.integers(0, 100).map(lambda n: FIRST + timedelta(days=n)),
    }
)


def forget_everything() -> None:
    for batch in {file.first_batch for file in open_store().snapshot("events").files}:
        assert batch is not None
        undo_batch(batch, store=open_store())
    fill(day=TODAY)


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example takes seconds
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=FACTS, options=OPTIONS)
def test_every_metric_equals_plain_loops(
    happen: Happen, facts: list[Fact], options: dict[str, Any]
) -> None:
    happen(facts)
    Feature.objects.filter(name="export").update(deep=True)  # makes every day stale
    try:
        for name in NAMES:
            question = asked(name, **options)
            expected = by_hand(facts, question)
            if name == "deep_use_count" and not Feature.objects.filter(deep=True).exists():
                expected = dict.fromkeys(expected)
            assert values(question) == pytest.approx(expected), name
    finally:
        forget_everything()


def test_nothing_received_later_changes_what_was_known(happen: Happen) -> None:
    happen([Fact(FIRST + timedelta(days=n), "acme", f"p{n % 3}") for n in range(40)])
    known = FIRST + timedelta(days=39)
    questions = [asked(name, received_by=known) for name in NAMES]
    before = [values(question) for question in questions]
    late = FIRST + timedelta(days=40)
    happen([Fact(FIRST + timedelta(days=n), "acme", "new", received_on=late) for n in range(9)])
    assert [values(question) for question in questions] == before
    assert values(asked("active_people"))[date(2026, 1, 1), "acme"] == 4


def test_stale_days_are_read_from_the_events(happen: Happen) -> None:
    happen([Fact(FIRST, "acme"), Fact(FIRST + timedelta(days=1), "acme", event="share")])
    full = {name: values(asked(name)) for name in NAMES}
    Feature.objects.filter(name="share").update(deep=True)
    assert values(asked("deep_use_count")) == {(date(2026, 1, 1), "acme"): 1}  # nobody has filled
    full["deep_use_count"] = values(asked("deep_use_count"))
    assert fill(day=TODAY)["days"] == 2
    assert {name: values(asked(name)) for name in NAMES} == full


def test_a_period_is_whole_also_when_the_days_asked_for_lie_inside_it(happen: Happen) -> None:
    happen([Fact(date(2026, 1, 1), "acme"), Fact(date(2026, 1, 31), "acme")])
    question = asked("event_count", from_on=date(2026, 1, 10), to_on=date(2026, 1, 11))
    assert values(question) == {(date(2026, 1, 1), "acme"): 2}


def test_days_that_nobody_observed_have_no_value(happen: Happen) -> None:
    happen([Fact(date(2026, 1, 10), "acme"), Fact(date(2026, 2, 14), "acme")])
    rows = ask(asked("usage_trend_rate", to_on=date(2026, 4, 30))).to_pylist()
    assert [(row["coverage"], row["value"]) for row in rows] == [
        (pytest.approx(22 / 31), None),  # began on the tenth
        (0.5, pytest.approx((1 / 14) / (1 / 22) - 1)),  # the last day received is the fourteenth
        (0, None),
        (0, None),
    ]


def test_where_compares_properties_as_text(happen: Happen) -> None:
    happen(
        [
            Fact(FIRST, "acme", properties={"plan": "pro", "seats": 5, "on": True}),
            Fact(FIRST, "acme", properties={"plan": "free", "a": {"b": "x"}, "a.c": "y"}),
        ]
    )

    def count(*where: tuple[str, str]) -> Any:
        found: dict[Any, Any] = values(asked("event_count", where=where))
        return sum(found.values())

    assert count(("plan", "pro")) == 1
    assert count(("seats", "5"), ("on", "true")) == 1
    assert count(("a.b", "x"), ("a.c", "y")) == 1
    assert count(("plan", "pro"), ("a.b", "x")) == 0


@time_machine.travel(datetime(2026, 2, 10, 12, tzinfo=UTC), tick=False)
def test_activity_outlives_the_events_that_a_retention_takes_away(happen: Happen) -> None:
    happen([Fact(FIRST, "acme"), Fact(date(2026, 2, 5), "acme", event="share")])
    january, february = (date(2026, 1, 1), "acme"), (date(2026, 2, 1), "acme")
    InstallationFact.objects.create(name="intake", value={"retention_days": 10})
    drop_before(open_store(), "events", date(2026, 1, 31))
    Feature.objects.filter(name="share").update(deep=True)
    then = date(2026, 2, 10)
    count = asked("event_count", today=then)
    assert values(count) == {january: 1, february: 1}
    assert fill(day=then)["days"] == 1
    assert refill(from_on=FIRST, to_on=LAST)["days"] == 1
    assert values(count) == {january: 1, february: 1}
    assert values(asked("deep_use_count", today=then))[february] == 1


def test_merged_customers_count_under_their_survivor_from_that_day_on(happen: Happen) -> None:
    for name in ("old", "new"):
        Customer.objects.create(external_id=name, name=name, recorded_at=AT)
    happen([Fact(FIRST, "old", "ann"), Fact(FIRST, "new", "ann"), Fact(FIRST, "new", "bob")])
    apart = {(date(2026, 1, 1), "new"): 2, (date(2026, 1, 1), "old"): 1}
    assert values(asked("active_people")) == apart
    old, new = Customer.objects.get(external_id="old"), Customer.objects.get(external_id="new")
    merge_customers(old, into=new, by=None, at=AT)
    assert values(asked("active_people")) == {(date(2026, 1, 1), "new"): 2}
    assert values(asked("active_people", received_by=AT.date() - timedelta(days=1))) == apart
    assert list(customer_metrics(as_of=FIRST)) == ["new"]
    assert daily_counts(from_on=FIRST, to_on=FIRST).people.tolist() == [[2]]


def test_bots_count_only_when_they_are_asked_for(happen: Happen) -> None:
    happen([Fact(FIRST, "acme", "ann"), Fact(FIRST, "acme", "bot_7", value=5)])
    assert values(asked("event_count")) == {(date(2026, 1, 1), "acme"): 1}
    assert values(asked("event_count", with_bots=True)) == {(date(2026, 1, 1), "acme"): 6}
    assert values(asked("event_count", event="login")) == {(date(2026, 1, 1), "acme"): 1}
    assert customer_metrics(as_of=FIRST)["acme"].events_7d == 1


def test_only_the_customers_that_the_gate_lets_through(happen: Happen) -> None:
    happen([Fact(FIRST, "mine", "ann"), Fact(FIRST, "theirs", "bob")])
    mine = frozenset({"mine"})
    assert values(asked("event_count", customers=mine)) == {(date(2026, 1, 1), "mine"): 1}
    people = asked("event_count", by=By.PERSON, customers=mine)
    assert values(people) == {(date(2026, 1, 1), "ann"): 1}


def test_a_customer_watched_until_a_day_leaves_the_others_as_they_are(happen: Happen) -> None:
    """Its own coverage ends on that day; who has no such day is watched all the time."""
    days = (FIRST, date(2026, 2, 3), LAST)
    happen([Fact(day, customer) for day in days for customer in ("gone", "stays")])
    until = date(2026, 1, 31)
    Customer.objects.create(external_id="gone", name="g", recorded_at=AT, observed_until=until)
    Customer.objects.create(external_id="stays", name="s", recorded_at=AT)
    rows = ask(asked("event_count", from_on=date(2026, 2, 1), to_on=date(2026, 2, 28))).to_pylist()
    assert {row["customer"]: row["coverage"] for row in rows} == {"gone": 0, "stays": 1}
