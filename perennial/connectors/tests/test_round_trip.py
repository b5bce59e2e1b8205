"""What is exported imports unchanged, into an empty home."""

from datetime import date

import pytest

from perennial.connectors.exporting import ExportFormat, export
from perennial.connectors.exporting.writers import write as written
from perennial.connectors.kinds import CUSTOMERS, EVENTS, KINDS, ORDERS, PEOPLE
from perennial.connectors.models import Import
from perennial.connectors.tests.files import NOW, bring, write
from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Person
from perennial.events.queries import recent_events
from perennial.events.store import open_store

pytestmark = pytest.mark.django_db
CUSTOMER_FILE = (
    "external_id,name,owner,tags,parent,created_on,tier,plan\n"
    "C1,=Acme,li@x.cn,a;b,C2,2023-01-05,S,Pro\n"
    "C2,'北京,,,,,,\n"
    "-3,@three,,,,2023-02-01,,'=1\n"
)
PEOPLE_FILE = "external_id,customer_id,name,email,from_on,to_on\nP1,C1,Li,li@a.cn,2023-02-01,\n"
ORDER_FILE = (
    "order_id,customer_id,kind,start_on,end_on,signed_on,recurring_amount,mrr,arr,currency,"
    "renews,line,void,recorded_at,one_off_amount,seats,interval_months,total_amount,"
    "discount_amount,discount_end_on,auto_renew,notice_days\n"
    "O1,C1,new,2024-01-01,2025-01-01,2023-12-20,12000.55,,,CNY,,,,,5,10,,,,,yes,30\n"
    "O1,C1,new,2024-01-01,2025-01-01,2023-12-20,13000,,,CNY,,,,2024-02-01 10:00,,10,,,12,"
    "2024-03-01,no,\n"
    "O2,C1,renewal,2025-01-01,,,300,,,USD,O1,2,,,,,3,,,,,\n"
    "O3,C2,new,2024-05-01,,,,99.5,,CNY,,,,,,,,,,,,\n"
    "O4,C2,new,2024-05-01,2025-05-01,,,,,CNY,,,,,,,,5000,,,,\n"
    "O5,C2,usage,2024-05-01,2024-06-01,,70,,,CNY,,,,,,,,,,,,\n"
)
EVENT_FILE = (
    "event,timestamp,customer_id,user_id,message_id,received_at,value,plan\n"
    "'=login,2024-01-01 10:00,C1,P1,m1,2024-01-02 00:00,2,Pro\n"
    "export,2024-01-03,C9,,m2,,,\n"
)


def fill(folder):
    bring("customers", write(folder, "a.csv", CUSTOMER_FILE), custom=True)
    bring("people", write(folder, "b.csv", PEOPLE_FILE))
    bring("orders", write(folder, "c.csv", ORDER_FILE))
    bring("events", write(folder, "d.csv", EVENT_FILE))


def empty(settings, folder):
    OrderLine.objects.all().delete()
    Customer.objects.all().delete()
    Import.objects.all().delete()
    settings.PERENNIAL_HOME = folder / "second"


def contents(folder, kind, suffix):
    return sorted((folder / f"{kind.name}.{suffix}").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("kind_of_file", list(ExportFormat))
def test_an_export_imports_unchanged(tmp_path, settings, kind_of_file):
    fill(tmp_path)
    kinds = (CUSTOMERS, PEOPLE, ORDERS, EVENTS)
    first, plain = tmp_path / "first", tmp_path / "plain"
    export(kinds, to=first, format=kind_of_file)
    export(kinds, to=plain, format=ExportFormat.CSV)
    names = list(Customer.objects.order_by("pk").values_list("name", "tags", "custom"))
    assert names[2] == ("@three", [], {"plan": "=1"})

    empty(settings, tmp_path)
    for kind in kinds:
        path = first / f"{kind.name}.{kind_of_file}"
        result = bring(kind.name, path, custom=kind is CUSTOMERS)
        assert (result.counts.rejected, result.notices[:-1]) == (0, [])

    again = tmp_path / "again"
    export(kinds, to=again, format=ExportFormat.CSV)
    for kind in kinds:
        assert contents(again, kind, "csv") == contents(plain, kind, "csv")
    assert list(Customer.objects.order_by("pk").values_list("name", "tags", "custom")) == names
    assert Person.objects.get().from_on == date(2023, 2, 1)


def test_text_that_a_spreadsheet_would_run_is_neutral_in_csv(tmp_path):
    fill(tmp_path)
    export((CUSTOMERS, EVENTS), to=tmp_path / "out")
    text = (tmp_path / "out/customers.csv").read_text(encoding="utf-8")
    assert "C1,'=Acme" in text
    assert "'-3,'@three" in text
    assert "'=login," in (tmp_path / "out/events.csv").read_text(encoding="utf-8")


def test_an_export_as_of_a_day_knows_nothing_later(tmp_path):
    fill(tmp_path)
    export((ORDERS,), to=tmp_path / "out", as_of=date(2024, 1, 31))
    lines = (tmp_path / "out/orders.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["order_id", "O1"]
    assert NOW.date() > date(2024, 1, 31)


def test_every_kind_can_be_exported_from_an_empty_home(tmp_path):
    done = export(KINDS, to=tmp_path / "out")
    assert [(it.kind, it.rows) for it in done] == [(kind.name, 0) for kind in KINDS]
    for kind in KINDS:
        bring(kind.name, tmp_path / f"out/{kind.name}.csv")


def test_an_event_nested_beyond_reason_hides_no_other(tmp_path):
    deep = "[" * 50_000 + "]" * 50_000
    said = '{"event":"e","timestamp":"2024-01-01T00:00:00Z","customer_id":"C1","p":%s}\n'
    bring("events", write(tmp_path, "e.ndjson", said % deep + said % 1))
    [done] = export([EVENTS], to=tmp_path / "out", format=ExportFormat.CSV)
    assert done.rows == 2
    assert len(recent_events("C1")) == 2


def test_an_export_that_breaks_off_leaves_nothing_behind(tmp_path):
    def broken():
        yield ["e", NOW, "C1"]
        raise OSError(28, "No space left on device")

    for kind in ExportFormat:
        with pytest.raises(OSError, match="No space"):
            written(tmp_path / f"events.{kind}", EVENTS.fields[:3], broken(), kind)
    assert not list(tmp_path.glob("events.*"))


def test_an_id_that_two_sources_sent_comes_back_as_two_events(tmp_path, settings):
    """An id is one event in its source: an export tells the source, an import honours it."""
    for source in ("file", "app"):
        bring("events", write(tmp_path, f"{source}.csv", EVENT_FILE), source=source)
    export([EVENTS], to=tmp_path / "out")
    again = bring("events", tmp_path / "out/events.csv")
    assert (again.counts.added, again.counts.duplicates) == (0, 4)  # nothing counts twice
    empty(settings, tmp_path)
    assert bring("events", tmp_path / "out/events.csv").counts.added == 4
    export([EVENTS], to=tmp_path / "more")
    assert contents(tmp_path / "more", EVENTS, "csv") == contents(tmp_path / "out", EVENTS, "csv")


def test_a_file_under_a_name_of_its_own_speaks_for_no_other_source(tmp_path):
    text = "event,timestamp,message_id,event_source\nlogin,2024-01-01 10:00,m1,web\n"
    bring("events", write(tmp_path, "e.csv", text), source="app")
    assert {it["source"] for b in open_store().event_batches() for it in b.to_pylist()} == {"app"}
