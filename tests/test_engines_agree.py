"""Every metric of the catalogue gives the same rows on Spark as on the embedded engine.

Nothing is chosen by hand: whatever the catalogue holds is asked in all its grains, by all it can
be split by, with and without a window, an event, a property and a day of knowledge.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from perennial.contracts.models import Basis, OrderLine
from perennial.customers.merging import merge_customers
from perennial.customers.models import Customer
from perennial.events.models import Feature
from perennial.events.store import answer, open_store
from perennial.events.store.tables import EVENTS, TABLES
from perennial.metrics.catalog import METRICS, Metric
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
EVENTS_IN_ALL = 2000


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


SELECTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"event": "login"},
    {"where": (("place.city", "上海"), ("source", "web"))},
)


@pytest.fixture
def company(home: Path, db: None) -> None:
    """A store with all that may happen to events, most of its days filled, and a database that
    knows seats, features, goals, and customers that were merged."""
    chance = random.Random(20260630)
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
            recorded_at=at, end_on=LATE, seats=number, recurring_amount=Decimal(12),
            basis=Basis.TERM, currency="CNY",
        )  # fmt: skip


def questions(metric: Metric) -> Iterator[Asked]:
    """All that can be asked about a metric: every grain by every id with every option, and some
    options more."""
    for grain, by in product(metric.grains, metric.by):
        base = Asked(metric, grain, by, FROM, TO, LATE)
        for window, known_by, selection in product((None, 28), (None, KNOWN_BY), SELECTIONS):
            yield replace(base, window_days=window, received_by=known_by, **selection)
    base = Asked(metric, Grain.MONTH, metric.by[0], FROM, TO, LATE)
    yield replace(base, with_bots=True)
    yield replace(base, customers=frozenset({"c1", "合并后"}))
    yield replace(base, window_days=90)  # longer than the bits of one number


COLUMNS = ("period_start", "period_end", "id", "value", "coverage", "as_of")
APART_DAYS = 50_000
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
    return found.sort_by([("period_start", "ascending"), ("id", "ascending")]).to_pylist()


def on_spark(asked: Sequence[tuple[By, Prepared]]) -> list[Rows]:
    """The answers to questions of one state of knowledge, as one question to Spark, which takes
    longer to begin than to answer.

    Questions with the same expression differ in their calendars only: these are put into one,
    far apart in time. Different expressions are put under each other, unchanged.
    """
    alike: dict[Any, list[tuple[int, Prepared]]] = {}
    for number, (by, ready) in enumerate(asked):
        alike.setdefault((ready.expression.op(), by), []).append((number, ready))
    parts, offered = [], dict[str, pa.Table]()
    for place, ((node, by), group) in enumerate(alike.items()):
        own = {
            table: table.copy(name=f"{table.name}_{place}")
            for table in node.find(ops.UnboundTable)
            if table.name not in TABLES
        }
        offered |= {own[it].name: in_one([one.offered[it.name] for _, one in group]) for it in own}
        part = node.replace(own).to_expr().mutate(place=ibis.literal(place, "int64"))
        parts.append(part.rename(id=by.value).select("place", *COLUMNS))
    first = next(iter(alike.values()))[0][1]
    found = answer(
        ibis.union(*parts),
        known_by=first.known_by,
        offered={**first.offered, **offered},
        fresh=first.fresh,
    )
    answers: list[Rows] = [[] for _ in asked]
    groups = list(alike.values())
    for row in in_order(found):
        turn, _ = divmod((row["period_start"] - FIRST).days, APART_DAYS)
        row["period_start"] -= timedelta(days=turn * APART_DAYS)
        answers[groups[row.pop("place")][turn][0]].append(row)
    return answers


def in_one(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables under each other, their periods far apart; those without periods are all the same."""
    if "period_start" not in tables[0].column_names:
        assert all(table.equals(tables[0]) for table in tables)
        return tables[0]
    at = tables[0].column_names.index("period_start")
    moved = []
    for turn, table in enumerate(tables):
        days = pc.add(table["period_start"].cast(pa.int32()), turn * APART_DAYS)
        moved.append(table.set_column(at, "period_start", days.cast(pa.int32()).cast(pa.date32())))
    return pa.concat_tables(moved, promote_options="permissive")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("metric", METRICS, ids=lambda it: it.name)
def test_every_question_of_the_catalogue_has_the_same_answer_on_spark(
    metric: Metric, company: None, spark: str, settings: Any
):
    settings.PERENNIAL_ENGINE = "duckdb"
    asked = [(question, prepare(question)) for question in questions(metric)]
    embedded = [on_duckdb(ready) for _, ready in asked]
    assert sum(map(len, embedded)) > 1000
    settings.PERENNIAL_ENGINE = spark
    for known_by in (None, KNOWN_BY):
        chosen = [place for place, (it, _) in enumerate(asked) if it.received_by == known_by]
        answers = on_spark([(asked[place][0].by, asked[place][1]) for place in chosen])
        for place, found in zip(chosen, answers, strict=True):
            assert found == embedded[place], asked[place][0]
