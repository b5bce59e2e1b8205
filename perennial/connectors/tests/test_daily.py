"""Daily aggregates: a row says what a day came to, and a later file may say otherwise."""

from datetime import UTC, date, datetime

import pytest

from perennial.connectors.actions import UndoRefused, undo_import
from perennial.connectors.exporting import ExportFormat, export
from perennial.connectors.kinds import DAILY, EVENTS
from perennial.connectors.models import Import
from perennial.connectors.options import RecordedRule
from perennial.connectors.results import RowsRefused
from perennial.connectors.tests.files import NOW, bring, customers, write
from perennial.events.store import open_store
from perennial.metrics.catalog import metric_named
from perennial.metrics.jobs import fill
from perennial.metrics.queries.asked import Asked, ask
from perennial.metrics.rules.periods import By, Grain

pytestmark = pytest.mark.django_db
HEAD = "day,event,value,customer_id,user_id,product\n"
FIRST = (
    HEAD
    + "2025-01-05,login,7,C1,ann,CRM\n2025-01-05,export,2,C1,,\n2025-01-06,login,1,C1,ann,CRM\n"
)
SECOND = HEAD + "2025-01-05,login,9,C1,ann,CRM\n2025-01-06,login,1,C1,ann,CRM\n"


def daily(folder, text, **options):
    return bring("daily", write(folder, "d.csv", text), **options)


def known(day=None):
    with open_store().reading("events", known_by=day) as session:
        return session.rows("SELECT day, event, value FROM events ORDER BY ALL")


def counts(result):
    it = result.counts
    return it.added, it.changed, it.duplicates


def test_a_day_is_a_business_day_from_its_first_moment(tmp_path):
    bring(
        "daily",
        write(tmp_path, "d.csv", "日期,功能,次数,客户,colour\n2025/1/5,导出,3,C1,red\n"),
        "day=日期",
        "event=功能",
        "value=次数",
        "customer_id=客户",
    )
    [batch] = open_store().event_batches()
    [row] = batch.to_pylist()
    assert (row["day"], row["ts"]) == (date(2025, 1, 5), datetime(2025, 1, 4, 16, tzinfo=UTC))
    assert (row["kind"], row["value"], row["event"]) == ("daily", 3, "导出")
    assert (row["properties"], row["assumed"]) == ('{"colour":"red"}', True)


def test_a_later_file_replaces_a_value_and_leaves_equal_ones(tmp_path):
    assert counts(daily(tmp_path, FIRST)) == (3, 0, 0)
    assert counts(daily(tmp_path, SECOND)) == (0, 1, 1)
    assert known() == [
        (date(2025, 1, 5), "export", 2),
        (date(2025, 1, 5), "login", 9),
        (date(2025, 1, 6), "login", 1),
    ]
    assert counts(daily(tmp_path, SECOND)) == (0, 0, 2)


def test_what_was_known_before_a_correction_stays_known(tmp_path):
    daily(tmp_path, FIRST)
    daily(tmp_path, SECOND)  # recorded now: on NOW's day
    logins = [(date(2025, 1, 5), "login", 7), (date(2025, 1, 6), "login", 1)]
    assert [it for it in known(date(2025, 2, 28)) if it[1] == "login"] == logins
    assert (date(2025, 1, 5), "login", 9) in known(NOW.date())
    assert (date(2025, 1, 5), "login", 7) not in known(NOW.date())


@pytest.mark.parametrize("rule", list(RecordedRule))
def test_undoing_a_correction_gives_the_former_value_back(tmp_path, rule):
    daily(tmp_path, FIRST, recorded=rule)
    before = known()
    daily(tmp_path, SECOND, recorded=rule)
    daily(tmp_path, SECOND.replace("login,9", "login,11"), recorded=rule)
    last, middle, _first = Import.objects.order_by("-pk")
    undo_import(last, by=None, at=NOW)
    assert (date(2025, 1, 5), "login", 9) in known()
    undo_import(middle, by=None, at=NOW)
    assert known() == before
    assert counts(daily(tmp_path, SECOND, recorded=rule)) == (0, 1, 1)


def test_what_was_corrected_since_cannot_be_undone_and_says_so(tmp_path):
    daily(tmp_path, FIRST)
    daily(tmp_path, SECOND)
    first = Import.objects.order_by("pk")[0]
    with pytest.raises(UndoRefused) as refused:
        undo_import(first, by=None, at=NOW)
    assert refused.value.touched == ["2025-01-05 · login · C1 · ann · CRM"]
    assert len(known()) == 3


def test_two_rows_of_a_file_may_not_disagree(tmp_path):
    row = "2025-01-05,login,7,C1,ann,CRM\n"
    assert counts(daily(tmp_path, HEAD + row + row)) == (1, 0, 1)
    with pytest.raises(RowsRefused) as refused:
        daily(tmp_path, HEAD + row + row.replace(",7,", ",8,"))
    [error] = refused.value.result.errors
    assert (error.code, error.row) == ("repeated_day", 3)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",login,1,C1,,", "missing_timestamp"),
        ("2025-01-05,,1,C1,,", "missing_event"),
        ("2025-01-05,login,,C1,,", "missing_value"),
        ("2025-01-05,login,-1,C1,,", "negative_value"),
        ("2025-01-05,login,many,C1,,", "bad_value"),
        ("2026-01-05,login,1,C1,,", "future_timestamp"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(tmp_path, row, code):
    with pytest.raises(RowsRefused) as refused:
        daily(tmp_path, HEAD + row + "\n")
    assert [it.code for it in refused.value.result.errors] == [code]


def test_daily_aggregates_and_events_are_exported_apart_and_import_again(tmp_path, settings):
    customers(tmp_path)
    bring("events", write(tmp_path, "e.csv", "event,timestamp,customer_id\nlogin,2025-01-05,C1\n"))
    daily(tmp_path, FIRST)
    daily(tmp_path, SECOND)
    daily(tmp_path, FIRST.replace("login,1", "login,4"), source="other")
    whole = known()
    for kind_of_file in ExportFormat:
        export((EVENTS, DAILY), to=tmp_path / "out", format=kind_of_file)
        settings.PERENNIAL_HOME = tmp_path / f"home-{kind_of_file}"
        Import.objects.all().delete()
        assert bring("events", tmp_path / f"out/events.{kind_of_file}").counts.added == 1
        assert bring("daily", tmp_path / f"out/daily.{kind_of_file}").counts.rejected == 0
        with open_store().reading("events") as session:
            again = session.rows("SELECT event, sum(value) FROM events GROUP BY event ORDER BY ALL")
        assert again == [("export", 4.0), ("login", 1 + 9 + 1 + 7 + 4)]
    assert len(whole) == 7


def test_metrics_count_what_a_day_came_to_and_who_was_active(tmp_path):
    customers(tmp_path)
    bring("events", write(tmp_path, "e.csv", "event,timestamp,customer_id\nlogin,2025-01-05,C1\n"))
    daily(tmp_path, FIRST)
    daily(tmp_path, HEAD + "2025-01-05,login,9,C1,ann,CRM\n2025-01-06,login,0,C1,ann,CRM\n")
    daily(tmp_path, HEAD + "2025-01-06,login,0,C1,bob,CRM\n")
    for event, total, people in ((None, 1 + 9 + 2, 1), ("login", 1 + 9, 1)):
        assert metric("event_count", event) == total
        assert metric("active_people", event) == people
    assert metric("active_days", None) == 1
    fill(day=NOW.date())
    assert metric("event_count", None) == 1 + 9 + 2
    for_the_past = metric("event_count", None, received_by=date(2025, 2, 1))
    assert for_the_past == 1 + 7 + 2 + 1


def metric(name, event, **options):
    found = metric_named(name)
    assert found is not None
    asked = Asked(
        metric=found,
        grain=Grain.MONTH,
        by=By.CUSTOMER,
        from_on=date(2025, 1, 1),
        to_on=date(2025, 1, 31),
        today=NOW.date(),
        event=event,
        **options,
    )
    [row] = ask(asked).to_pylist()
    return row["value"]
