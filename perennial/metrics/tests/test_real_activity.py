"""Usage of 75 real companies over twenty years, against plain SQL on the file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from perennial.events.load import EventFile, Format, import_events
from perennial.events.store import Store, file_literal, open_store
from perennial.metrics.catalog import metric_named
from perennial.metrics.jobs import fill
from perennial.metrics.queries import customer_metrics
from perennial.metrics.queries.asked import Asked, ask
from perennial.metrics.rules.periods import By, Grain
from perennial.units.mapping import Source

AS_OF = date(2026, 7, 23)
TODAY = date(2026, 11, 22)
PLAIN = """
    WITH days AS (
        SELECT account, "user", timezone('Asia/Shanghai', ts)::DATE AS day,
            timezone('Asia/Shanghai', rcv)::DATE AS received_on
        FROM read_parquet({path})),
    known AS (SELECT *, day > DATE '{day}' - 28 AS recent,
            day <= DATE '{day}' - 28 AND day > DATE '{day}' - 112 AS prior
        FROM days WHERE day <= '{day}' AND received_on <= '{received}')
    SELECT account, count(*) FILTER (recent), count(*) FILTER (prior),
        count(DISTINCT "user") FILTER (recent), count(DISTINCT day) FILTER (recent),
        min(day), max(day)
    FROM known GROUP BY account"""


def imported(path: Path) -> Store:
    store = open_store()
    columns = {"customer_id": "account", "user_id": "user", "timestamp": "ts", "received_at": "rcv"}
    import_events(
        EventFile(
            path=path,
            format=Format.PARQUET,
            batch=1,
            time_zone=ZoneInfo("UTC"),
            mapping={ours: Source(theirs) for ours, theirs in columns.items()},
        ),
        store=store,
        known_customers=pa.table({"customer": pa.array([], pa.string())}),
        zone=ZoneInfo("Asia/Shanghai"),
        at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    fill(day=AS_OF)
    return store


@pytest.mark.django_db
def test_org_activity_equals_plain_sql_also_as_it_was_known(shared_data: Path) -> None:
    path = shared_data / "org_activity_dev.parquet"
    store = imported(path)
    assert len(store.snapshot("activity").files) <= 253  # twenty years, a file a month
    for received in (date(2026, 1, 1), AS_OF, date(2030, 1, 1)):
        sql = PLAIN.format(path=file_literal(path), day=AS_OF, received=received)
        with store.session() as session:
            expected = {row[0]: row[1:] for row in session.rows(sql)}
        found = customer_metrics(as_of=AS_OF, received_by=received)
        assert {
            customer: (
                row.events_28d,
                row.events_prior_84d,
                row.active_people_28d,
                row.active_days_28d,
                row.first_seen_on,
                row.last_seen_on,
            )
            for customer, row in found.items()
        } == expected
    silent = [row for row in found.values() if (AS_OF - row.last_seen_on).days >= 365]
    assert len(found) == 75
    assert 0 < len(silent) < 75


MONTHLY = """
    WITH rows AS (
        SELECT account, "user", timezone('Asia/Shanghai', ts)::DATE AS day,
            timezone('Asia/Shanghai', rcv)::DATE AS received_on
        FROM read_parquet({path}))
    SELECT date_trunc('month', day)::DATE, account, count(DISTINCT "user")
    FROM rows WHERE day >= '{first}' AND day <= '{last}' AND received_on <= '{received}' AND {who}
    GROUP BY ALL ORDER BY ALL"""


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["git_activity_dev", "org_activity_dev"])
def test_monthly_active_people_equal_plain_sql_on_the_file(shared_data: Path, name: str) -> None:
    path = shared_data / f"{name}.parquet"
    store = imported(path)
    first, last = date(2023, 1, 1), date(2024, 12, 31)
    metric = metric_named("active_people")
    assert metric is not None
    for received, bots in ((date(2030, 1, 1), False), (date(2024, 6, 15), True)):
        asked = Asked(
            metric, Grain.MONTH, By.CUSTOMER, first, last, TODAY, received_by=received,
            with_bots=bots,
        )  # fmt: skip
        rows = ask(asked).to_pylist()
        found = [(row["period_start"], row["customer"], row["value"]) for row in rows]
        who = "true" if bots else "\"user\" NOT LIKE 'bot\\_%' ESCAPE '\\'"
        sql = MONTHLY.format(
            path=file_literal(path), first=first, last=last, received=received, who=who
        )
        with store.session() as session:
            expected = session.rows(sql)
        assert found == expected
        assert len(found) > 50
