"""Twenty years of real activity, replayed: whom we would have called before they fell silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from bench import fading
from perennial.alerts.replay import replay
from perennial.events.load import EventFile, Format, import_events
from perennial.events.store import open_store
from perennial.metrics import jobs as metrics_jobs
from perennial.units.mapping import Source

FILE = "org_activity_dev.parquet"
COLUMNS = {"event": "event", "timestamp": "ts", "customer_id": "account", "received_at": "rcv"}


@pytest.mark.django_db
def test_more_of_the_dying_and_fading_are_called_than_by_a_simple_rule_at_no_more_alerts(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
):
    path, zone = shared_data / FILE, ZoneInfo("Asia/Shanghai")
    it = fading.histories(path)
    import_events(
        EventFile(
            path,
            Format.PARQUET,
            batch=1,
            time_zone=zone,
            mapping={ours: Source(theirs) for ours, theirs in COLUMNS.items()},
            id_columns=tuple(fading.KEY),
        ),
        store=open_store(),
        known_customers=pa.table({"customer": it.names}),
        zone=zone,
        at=datetime(2026, 7, 24, 1, tzinfo=UTC),
    )
    last_on = it.first_on + timedelta(days=it.counts.shape[1] - 1)
    metrics_jobs.fill(day=last_on)
    place = {name: row for row, name in enumerate(it.names)}
    ours = [
        (place[alert.customer], (alert.raised_on - it.first_on).days)
        for alert in replay(from_on=it.first_on, to_on=last_on).alerts
        if alert.customer
    ]
    ended = fading.outcomes(it)
    assert (len(ended["died"]), len(ended["faded"])) == (39, 59)
    with capsys.disabled():
        better = fading.report(it, ours)
    assert better
    # It can fail: no alerts catch nobody, and alerts every week are too many.
    assert not fading.report(it, [])
    weekly = [(row, day) for row in range(75) for day in range(0, it.counts.shape[1], 7)]
    assert not fading.report(it, weekly)
