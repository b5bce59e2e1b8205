"""Files of events: any format and encoding reaches the store as it is."""

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from perennial.connectors.actions import undo_import
from perennial.connectors.events import LEASE, recover_dead
from perennial.connectors.models import Import, State
from perennial.connectors.results import RowsRefused
from perennial.connectors.tests.files import NOW, ORDERS, bring, customers, write
from perennial.events.store import open_store
from perennial.team.lease import hold

pytestmark = pytest.mark.django_db
LINES = [
    ["event", "timestamp", "customer_id", "value", "页面"],
    ["登录", "2024-01-05 08:30", "C1", "2", "首页"],
    ["导出", "2024-01-06", "C9", "", ""],
]


def stored():
    rows = [it for batch in open_store().event_batches() for it in batch.to_pylist()]
    return sorted((it["event"], it["ts"], it["customer"], it["value"]) for it in rows)


EXPECTED = [
    ("导出", datetime(2024, 1, 5, 16, tzinfo=UTC), "C9", 1),
    ("登录", datetime(2024, 1, 5, 0, 30, tzinfo=UTC), "C1", 2),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_text_in_any_encoding(tmp_path, encoding, suffix):
    text = "\n".join(";".join(line) for line in LINES)
    path = write(tmp_path, f"e{suffix}", text.encode(encoding))
    result = bring("events", path)
    assert (result.counts.added, result.counts.unattributed) == (2, 2)
    assert stored() == EXPECTED


@pytest.mark.parametrize("date_format", [None, "%d.%m.%Y"])
def test_a_workbook_keeps_its_dates_whatever_the_format(tmp_path, date_format):
    book = openpyxl.Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(LINES[0])
    sheet.append(["登录", datetime(2024, 1, 5, 8, 30), "C1", 2, "首页"])
    sheet.append(["导出", datetime(2024, 1, 6), "C9", None, None])
    book.save(tmp_path / "e.xlsx")
    bring("events", tmp_path / "e.xlsx", date_format=date_format)
    assert stored() == EXPECTED


def test_events_find_their_customer_through_an_order(tmp_path):
    customers(tmp_path)
    bring("orders", write(tmp_path, "o.csv", ORDERS))
    text = "event,timestamp,order_id\na,2024-01-05,O1\na,2024-01-06,O9\n"
    result = bring("events", write(tmp_path, "e.csv", text))
    assert result.counts.unattributed == 1
    assert [customer for _, _, customer, _ in stored()] == ["C1", None]


def test_events_are_undone_and_come_again(tmp_path):
    path = write(tmp_path, "e.csv", "event,timestamp\na,2024-01-05\n")
    bring("events", path)
    undo_import(Import.objects.get(), by=None, at=NOW)
    assert stored() == []
    assert bring("events", path).counts.added == 1


def test_a_refused_file_of_events_leaves_no_import(tmp_path):
    path = write(tmp_path, "e.csv", "event,timestamp\na,2024-01-05\nb,soon\n")
    with pytest.raises(RowsRefused):
        bring("events", path)
    assert not Import.objects.exists()
    assert stored() == []
    result = bring("events", path, skip_bad_rows=True)
    assert (result.counts.added, result.counts.rejected) == (1, 1)
    assert "soon" in Path(result.rejects).read_text(encoding="utf-8")


def test_a_dead_import_is_not_shown_as_running(tmp_path):
    bring("events", write(tmp_path, "e.csv", "event,timestamp\na,2024-01-05\n"))
    Import.objects.update(state=State.RUNNING, finished_at=None)
    dead = Import.objects.create(
        kind="events", file_name="b.csv", state=State.RUNNING, created_at=NOW
    )
    recover_dead()
    assert Import.objects.get(file_name="e.csv").counts["added"] == 1
    assert set(Import.objects.values_list("file_name", "state")) == {
        ("e.csv", State.DONE),
        ("b.csv", State.INTERRUPTED),
    }
    with hold(LEASE):
        assert Import.objects.get(pk=dead.pk).state == State.INTERRUPTED


def test_the_recorded_time_of_an_event_is_when_it_was_received(tmp_path):
    text = "event,timestamp,rcv\na,2024-01-05,2024-01-09\n"
    bring("events", write(tmp_path, "e.csv", text), "recorded_at=rcv")
    [batch] = open_store().event_batches()
    [row] = batch.to_pylist()
    assert (row["received_at"], row["assumed"]) == (datetime(2024, 1, 8, 16, tzinfo=UTC), False)
