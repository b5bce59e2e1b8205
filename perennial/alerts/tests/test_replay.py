"""The past replayed: as the days would have told it, with what was known by their ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.alerts import jobs, own_history
from perennial.alerts.models import Alert, Kind, OwnHistory, QuietWindow, Rule
from perennial.alerts.own_history import keep_own_history, own_rate
from perennial.alerts.replay import Raised, replay
from perennial.customers.models import Customer
from perennial.events.load import EventFile, Format, import_events
from perennial.events.store import open_store
from perennial.metrics import jobs as metrics_jobs
from perennial.units.mapping import Source

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, DAYS = date(2025, 6, 2), 300
LAST = FIRST + timedelta(days=DAYS - 1)
AT = datetime(2026, 4, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db
Load = Callable[..., None]


def company(*, customers: int = 24, seed: int = 5) -> np.ndarray:
    """Ordinary customers with some scatter; customers × days."""
    random = np.random.default_rng(seed)
    level = random.gamma(12, 6 / 12, (customers, DAYS // 7 + 1)).repeat(7, axis=1)[:, :DAYS]
    counts: np.ndarray = random.poisson(level).astype(float)
    return counts


def events(counts: np.ndarray, *, names: list[str], late: dict[tuple[int, int], int]) -> pa.Table:
    """A row per customer and day with events, at noon in Shanghai."""
    rows, days = np.nonzero(counts)
    noon = [datetime(2025, 6, 2, 4, tzinfo=UTC) + timedelta(days=int(it)) for it in days]
    waits = [late.get((int(row), int(day)), 0) for row, day in zip(rows, days, strict=True)]
    arrived = [at + timedelta(days=wait) for at, wait in zip(noon, waits, strict=True)]
    return pa.table(
        {
            "event": ["used"] * len(rows),
            "timestamp": noon,
            "received_at": arrived,
            "customer_id": [names[row] for row in rows],
            "value": counts[rows, days],
            "message_id": [f"{row}-{day}" for row, day in zip(rows, days, strict=True)],
        }
    )


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Puts counts into the store; `late` names (row, day, days late) of what came late."""

    def put(counts: np.ndarray, *, late: dict[tuple[int, int], int] | None = None) -> None:
        names = [f"c{row:02}" for row in range(len(counts))]
        Customer.objects.bulk_create(
            [Customer(external_id=it, name=it, recorded_at=AT) for it in names]
        )
        table = events(counts, names=names, late=late or {})
        path = tmp_path / "events.parquet"
        pq.write_table(table, path)
        import_events(
            EventFile(
                path,
                Format.PARQUET,
                batch=1,
                time_zone=ZONE,
                mapping={name: Source(name) for name in table.column_names},
            ),
            store=open_store(),
            known_customers=pa.table({"customer": names}),
            zone=ZONE,
            at=AT,
        )
        metrics_jobs.fill(day=LAST)

    return put


def raised(*, from_on: date = FIRST + timedelta(days=210), to_on: date = LAST) -> list[Raised]:
    return replay(from_on=from_on, to_on=to_on).alerts


def falls(counts: np.ndarray) -> np.ndarray:
    """A stop, a deep drop that recovers, one to a third that stays, and a month with a quarter."""
    counts[0, 250:] = 0
    counts[1, 240:256] = np.floor(counts[1, 240:256] * 0.05)
    counts[2, 246:] = np.floor(counts[2, 246:] * 0.3)
    counts[3, 244:262] = np.floor(counts[3, 244:262] * 0.2)
    return counts


def test_a_replay_tells_what_the_days_told(load: Load, monkeypatch: pytest.MonkeyPatch):
    """Two roads: the day's job, evening by evening, and the replay of all of them at once."""
    monkeypatch.setattr(jobs, "keep_own_history", lambda **_: False)
    load(falls(company()))
    begin, end = FIRST + timedelta(days=238), FIRST + timedelta(days=272)
    for step in range((end - begin).days + 1):
        jobs.fill(day=begin + timedelta(days=step))
    told = {
        (row.customer.external_id if row.customer else None, row.raised_on, row.resolved_on)
        for row in Alert.objects.filter(rule=Rule.USAGE_DROP).select_related("customer")
    }
    found = raised(from_on=begin, to_on=end)
    assert {(it.customer, it.raised_on, it.resolved_on) for it in found} == told
    assert {"c00", "c01", "c03"} <= {name for name, _, _ in told}
    assert any(resolved for _, _, resolved in told)


def test_a_drop_is_raised_when_it_happens_and_over_when_it_is_back(load: Load):
    counts = company()
    counts[1, 240:256] = 0
    load(counts)
    (it,) = [it for it in raised() if it.customer == "c01"]
    assert it.kind in {Kind.SUDDEN, Kind.STOP}
    assert 3 <= (it.raised_on - FIRST).days - 240 <= 7
    assert it.resolved_on and 256 < (it.resolved_on - FIRST).days < 275
    assert it.observed < it.expected and it.probability is not None and it.probability < 0.001


def test_growth_is_never_raised(load: Load):
    counts = company()
    counts[4:8, 200:] *= 4
    load(counts)
    grown = {"c04", "c05", "c06", "c07"}
    assert not [
        it for it in raised() if it.customer in grown and it.raised_on > LAST - timedelta(99)
    ]


def test_what_came_late_was_not_there_on_the_day(load: Load):
    """Ten days of one customer arrive three weeks later: on the day it looked like a stop."""
    counts = company()
    late = {(0, day): 21 for day in range(240, 250)}
    load(counts, late=late)
    on_time = {it.customer for it in raised(to_on=FIRST + timedelta(days=235))}
    found = [it for it in raised() if it.customer == "c00"]
    assert "c00" not in on_time
    assert found and 243 <= (found[0].raised_on - FIRST).days <= 252


def test_all_customers_down_is_one_alert_without_a_customer(load: Load):
    counts = company()
    counts[:, 240:248] = np.floor(counts[:, 240:248] * 0.2)
    load(counts)
    found = [it for it in raised() if 240 <= (it.raised_on - FIRST).days <= 250]
    assert [(it.customer, it.kind) for it in found] == [(None, Kind.EVERYONE)]
    assert found[0].resolved_on is not None


def test_days_that_were_announced_as_quiet_alert_nobody_but_only_from_when_they_were(load: Load):
    counts = company()
    counts[:, 240:250] = np.floor(counts[:, 240:250] * 0.2)  # the company's own holiday
    counts[9, 270:290] = 0  # one customer closes for three weeks
    load(counts)
    start, low = FIRST + timedelta(days=240), FIRST + timedelta(days=270)
    before = {(it.customer, it.kind) for it in raised()}
    assert (None, Kind.EVERYONE) in before
    assert "c09" in {name for name, _ in before}
    early = datetime(2025, 7, 1, tzinfo=UTC)
    shut = Customer.objects.get(external_id="c09")
    QuietWindow.objects.create(
        name="厂庆", from_on=start, to_on=start + timedelta(days=9), recorded_at=early
    )
    QuietWindow.objects.create(
        name="low", from_on=low, to_on=low + timedelta(days=20), recorded_at=early, customer=shut
    )
    after = {(it.customer, it.kind) for it in raised()}
    assert (None, Kind.EVERYONE) not in after
    assert "c09" not in {name for name, _ in after}
    QuietWindow.objects.update(recorded_at=AT + timedelta(days=30))  # nobody knew then
    assert {(it.customer, it.kind) for it in raised()} == before


def test_the_same_question_has_the_same_answer_and_shorter_ones_are_part_of_it(load: Load):
    load(falls(company()))
    whole = raised()
    assert whole == raised()
    assert whole == sorted(whole, key=lambda it: it.raised_on)
    later = LAST - timedelta(days=50)
    assert raised(from_on=later) == [it for it in whole if it.raised_on >= later]


def test_nothing_at_all_replays_to_nothing():
    found = replay(from_on=FIRST, to_on=FIRST + timedelta(days=30))
    assert found.alerts == [] and found.customer_years == 0


def test_own_history_says_how_often_the_detector_spoke_here(
    load: Load, monkeypatch: pytest.MonkeyPatch
):
    nothing = own_rate(Kind.SUDDEN)
    assert nothing.alerts_per_year is None and nothing.reason
    assert nothing.theory_per_year == pytest.approx(0.0157, abs=0.0001)
    load(falls(company()))
    assert keep_own_history(day=LAST, at=AT)
    assert not keep_own_history(day=LAST + timedelta(days=27), at=AT)
    row = OwnHistory.objects.get()
    assert row.customer_years == pytest.approx(24 * 300 / 365.25, rel=0.01)
    rates = [own_rate(kind) for kind in ("sudden", "slow", "stop", "fade")]
    spoken = sum(it.alerts_per_year or 0 for it in rates) * row.customer_years
    assert (
        round(spoken)
        == len([it for it in raised(from_on=LAST - timedelta(days=364)) if it.customer])
        >= 4
    )
    assert any(it.recovered_per_year for it in rates)
    monkeypatch.setattr(own_history, "LEAST_YEARS", 100.0)
    assert own_rate(Kind.SUDDEN).alerts_per_year is None
