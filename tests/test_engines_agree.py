"""Every metric of the catalogue gives the same rows on Spark as on the embedded engine.

Nothing is chosen by hand: every metric meets every value of every option (also of its grains and
of what it can be split by), and every value of an option meets every value of every other one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, product
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pytest

from perennial.contracts.models import Basis, OrderLine
from perennial.customers.merging import merge_customers
from perennial.customers.models import Customer
from perennial.events.models import Feature
from perennial.events.store import answer, open_store
from perennial.events.store.tables import EVENTS, TABLES
from perennial.metrics.catalog import METRICS
from perennial.metrics.jobs import fill
from perennial.metrics.queries.asked import Asked, Prepared, prepare
from perennial.metrics.rules.periods import By, Grain

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),  # PySpark leaves them to the
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # collector
]

FIRST, LAST, LATE = date(2026, 3, 10), date(2026, 6, 30), date(2026, 7, 20)
UNFILLED_FROM = date(2026, 6, 27)
FROM, TO, KNOWN_BY = date(2026, 6, 8), date(2026, 6, 30), date(2026, 6, 20)
CUSTOMERS = ["c1", "c2", "c3", "合并前", "合并后", "Ünïcode ☃", "with 'quotes' \"and\" \\", None]
PEOPLE = [*(f"p{number}" for number in range(12)), "李雷", "a@x.example", None]
EVENTS_NAMED = ["login", "export", "报表", "page", "import"]
PRODUCTS = ["core", "附加", None]
RULED = "年价"  # a feature that a rule makes, not an event of its name
EVENTS_IN_ALL = 1000


def rows(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Events of four months: late, replaced and known otherwise, of bots, of nobody.

    Values are quarters, which floating point adds exactly in any order.
    """
    for number in range(EVENTS_IN_ALL):
        day = FIRST + timedelta(days=int((LAST - FIRST).days * chance.random() ** 0.6))
        received_on = day + timedelta(days=chance.choice([0, 0, 0, 0, 1, 4, 20]))
        moment = datetime(day.year, day.month, day.day, chance.randrange(16), tzinfo=UTC)
        row = {
            "day": day,
            "customer": chance.choice(CUSTOMERS),
            "person": chance.choice(PEOPLE),
            "event": chance.choice(EVENTS_NAMED),
            "product": chance.choice(PRODUCTS),
            "ts": moment,
            "received_at": moment,
            "received_on": received_on,
            "value": chance.choice([1.0, 1.0, 1.0, 0.25, 2.5, 0.0, -1.0]),
            "message_id": number.to_bytes(16, "big"),
            "source": chance.choice(["web", "服务端"]),
            "properties": chance.choice(PROPERTIES),
            "assumed": False,
            "kind": chance.choice([None, "track", "track", "page", "identify"]),
            "bot": chance.choice([None, False, False, False, True]),
        }
        yield row
        if chance.random() < 0.1:  # it became known later that it was somebody else
            later = received_on + timedelta(days=chance.randrange(1, 15))
            row["replaced_on"] = later
            yield row | {"customer": "c2", "known_on": later, "replaced_on": None}


PROPERTIES = [
    None,
    "{}",
    *(
        json.dumps(it, ensure_ascii=False)
        for it in (
            {"plan": "专业版", "seats": 5},
            {"plan": "free", "is_new": True, "ratio": 0.5},
            {"plan": None, "place": {"city": "上海"}},
            {"$current_url": "https://x.example/?q=1", "place.city": "dotted"},
            {"url": "https://x.example/价格/year?q=1#top", "selector": "#app>div>button"},
            {"url": "https://x.example/prices", "selector": "#app>div>button"},
        )
    ),
]


def put(found: list[dict[str, Any]]) -> None:
    schema = pa.schema([EVENTS.schema.field(it) for it in EVENTS.columns])
    store = open_store()
    with store.writing(), store.session() as session:
        session.offer("found", pa.Table.from_pylist(found, schema))
        change = store.change("events", session)
        for month in sorted({row["day"].replace(day=1) for row in found}):
            chosen = f"SELECT * FROM found WHERE date_trunc('month', day) = '{month}'"
            change.add(chosen, month=month)
        store.commit(change, days={row["day"] for row in found})


@pytest.fixture
def company(home: Path, db: None) -> None:
    """A store with all that may happen to events, most of its days filled, and a database that
    knows seats, features, goals, and customers that were merged."""
    chance = random.Random(20260630)
    Feature.objects.create(name=RULED, bit=0, deep=True, selector="#app*button", url="/价格/*")
    found = list(rows(chance))
    put([row for row in found if row["day"] < UNFILLED_FROM])
    fill(day=LAST)
    put([row for row in found if row["day"] >= UNFILLED_FROM])
    at = datetime(2026, 6, 15, tzinfo=UTC)
    known = [it for it in CUSTOMERS if it]
    Customer.objects.bulk_create(Customer(external_id=it, name=it, recorded_at=at) for it in known)
    Customer.objects.filter(external_id="c1").update(observed_until=date(2026, 6, 16))
    Feature.objects.filter(name__in=["export", "报表"]).update(deep=True)
    before, after = (Customer.objects.get(external_id=it) for it in ("合并前", "合并后"))
    merge_customers(before, into=after, by=None, at=at)
    for number, customer in enumerate(Customer.objects.order_by("external_id")[:4]):
        OrderLine.objects.create(
            order_id=f"o{number}", customer=customer, kind="new", start_on=FIRST, signed_on=FIRST,
            recorded_at=at, end_on=LATE, seats=number + 1, recurring_amount=Decimal(12),
            basis=Basis.TERM, currency="CNY",
        )  # fmt: skip


OPTIONS: dict[str, tuple[Any, ...]] = {
    "metric": METRICS,
    "by": tuple(By),
    "grain": tuple(Grain),
    "window_days": (None, 28, 90),  # 90: longer than the bits of one number
    "event": (None, "login", RULED),
    "where": ((), (("place.city", "上海"),), (("source", "web"),)),
    "received_by": (None, KNOWN_BY),
    "with_bots": (False, True),
    "customers": (None, frozenset({"c1", "c3", "合并后"})),
}
PERIOD: dict[str, Any] = {"from_on": FROM, "to_on": TO, "today": LATE}
Pair = tuple[tuple[str, Any], tuple[str, Any]]


def can_be(chosen: dict[str, Any]) -> bool:
    metric = chosen.get("metric")
    return metric is None or all(
        chosen.get(name) in (None, *allowed)
        for name, allowed in (("by", metric.by), ("grain", metric.grains))
    )


def pairs(chosen: dict[str, Any]) -> set[Pair]:
    names = [name for name in OPTIONS if name in chosen]
    return {((a, chosen[a]), (b, chosen[b])) for a, b in combinations(names, 2)}


def questions() -> Iterator[Asked]:
    """Every two values of two options together in some question; in few, chosen greedily."""
    every = (
        pair
        for a, b in combinations(OPTIONS, 2)
        for pair in product(product([a], OPTIONS[a]), product([b], OPTIONS[b]))
    )
    left = dict.fromkeys(pair for pair in every if can_be(dict(pair)))
    while left:
        chosen = dict(next(iter(left)))
        for name in OPTIONS:
            if name not in chosen:
                tried = [chosen | {name: value} for value in OPTIONS[name]]
                chosen = max(filter(can_be, tried), key=lambda it: len(left.keys() & pairs(it)))
        for pair in pairs(chosen):
            left.pop(pair, None)
        yield Asked(**PERIOD, **chosen)


COLUMNS = ("period_start", "period_end", "id", "value", "coverage", "as_of")
Rows = list[dict[str, Any]]


def on_duckdb(ready: Prepared) -> Rows:
    """The answer to one question, as `ask` gives it."""
    found = answer(
        ready.expression,
        first_on=ready.first_on,
        last_on=ready.last_on,
        known_by=ready.known_by,
        offered=ready.offered,
        fresh=ready.fresh,
    )
    return in_order(found.rename_columns(COLUMNS))


def in_order(found: pa.Table) -> Rows:
    rows: Rows = found.sort_by([("period_start", "ascending"), ("id", "ascending")]).to_pylist()
    return rows


def on_spark(asked: Sequence[tuple[By, Prepared]]) -> list[Rows]:
    """The answers to questions of one state of knowledge and one type of value: put under each
    other, unchanged, as one question to Spark, which takes longer to begin than to answer."""
    parts, offered = [], dict[str, pa.Table]()
    for place, (by, ready) in enumerate(asked):
        own = {}
        for node in ready.expression.op().find(ops.UnboundTable):
            if node.name not in TABLES:
                own[node] = node.copy(name=offer(offered, node.name, ready.offered[node.name]))
        part = ready.expression.op().replace(own).to_expr().rename(id=by.value)
        parts.append(part.select(*COLUMNS, place=ibis.literal(place, "int64")))
    first = asked[0][1]
    found = answer(
        ibis.union(*parts),
        known_by=first.known_by,
        offered={**first.offered, **offered},
        fresh=first.fresh,
    )
    answers: list[Rows] = [[] for _ in asked]
    for row in in_order(found):
        answers[row.pop("place")].append(row)
    return answers


def offer(offered: dict[str, pa.Table], name: str, table: pa.Table) -> str:
    """The name under which a table is offered; the same table is offered once."""
    for known, other in offered.items():
        if known.startswith(f"{name}_") and other.equals(table):
            return known
    chosen = f"{name}_{len(offered)}"
    offered[chosen] = table
    return chosen


def test_no_option_is_left_out():
    assert {field.name for field in fields(Asked)} == OPTIONS.keys() | PERIOD.keys()


def test_every_metric_gives_the_same_rows_on_spark(company: None, spark: str, settings: Any):
    settings.PERENNIAL_ENGINE = "duckdb"
    asked = [(question, prepare(question)) for question in questions()]
    embedded = [on_duckdb(ready) for _, ready in asked]
    told = {
        question.metric.name
        for (question, _), found in zip(asked, embedded, strict=True)
        if any(row["value"] for row in found)
    }
    assert told == {metric.name for metric in METRICS}
    settings.PERENNIAL_ENGINE = spark
    together: dict[Any, list[int]] = {}
    for place, (question, ready) in enumerate(asked):
        kind = question.received_by, ready.expression.value.type()
        together.setdefault(kind, []).append(place)
    apart = []
    for places in together.values():
        answers = on_spark([(asked[place][0].by, asked[place][1]) for place in places])
        for place, found in zip(places, answers, strict=True):
            if found != embedded[place]:
                apart.append((asked[place][0], embedded[place], found))
    assert not apart
