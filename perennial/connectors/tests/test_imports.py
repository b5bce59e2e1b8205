"""Imports that people trust: all or nothing, nothing twice, nothing dropped in silence."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils.translation import gettext, override

from perennial.connectors.actions import UndoRefused, undo_import
from perennial.connectors.models import Import, State
from perennial.connectors.results import ImportResult, RowsRefused
from perennial.connectors.tests.files import NOW, ORDERS, bring, customers, write
from perennial.contracts.models import OrderLine
from perennial.customers.imports import claim_owned
from perennial.customers.models import Customer, Person, Touch
from perennial.revenue import jobs
from perennial.revenue.models import MrrChange
from perennial.team.models import AuditEntry, User
from perennial.tickets.models import Ticket
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db


def imported(result: ImportResult) -> Import:
    assert result.number is not None
    return Import.objects.get(pk=result.number)


def test_a_second_import_of_the_same_file_changes_nothing(tmp_path):
    customers(tmp_path)
    before = list(Customer.objects.values().order_by("pk"))
    again = customers(tmp_path)
    assert (again.counts.added, again.counts.changed, again.counts.same) == (0, 0, 2)
    assert list(Customer.objects.values().order_by("pk")) == before


def test_a_changed_row_changes_only_the_columns_of_the_file(tmp_path):
    bring("customers", write(tmp_path, "a.csv", "external_id,name,region\nC1,Acme,North\n"))
    result = bring("customers", write(tmp_path, "b.csv", "external_id,name\nC1,Acme Ltd\n"))
    customer = Customer.objects.get()
    assert result.counts.changed == 1
    assert (customer.name, customer.region, customer.version) == ("Acme Ltd", "North", 2)


def test_rows_equal_in_every_column_are_one(tmp_path):
    result = bring("customers", write(tmp_path, "a.csv", "external_id,name\nC1,A\nC1,A\nC2,B\n"))
    assert (result.counts.rows, result.counts.added, result.counts.duplicates) == (3, 2, 1)


def test_an_id_with_other_contents_is_a_row_error_not_a_silent_drop(tmp_path):
    path = write(tmp_path, "a.csv", "external_id,name,note\nC1,A,x\nC1,A,y\nC2,B,z\n")
    with pytest.raises(RowsRefused) as refused:
        bring("customers", path)
    assert (refused.value.code, refused.value.row) == ("repeated_id", 3)
    assert Customer.objects.count() == Import.objects.count() == 0
    assert bring("customers", path, skip_bad_rows=True).counts.rejected == 1


def test_nothing_is_written_when_one_row_is_wrong(tmp_path):
    path = write(tmp_path, "a.csv", "external_id,name\n" + "C1,A\n" * 1 + ",B\n")
    with pytest.raises(RowsRefused) as refused:
        bring("customers", path)
    assert (refused.value.code, refused.value.column) == ("missing_value", "external_id")
    assert not Customer.objects.exists()
    assert not AuditEntry.objects.exists()


def test_refused_rows_keep_all_their_columns_and_the_reason(tmp_path):
    path = write(tmp_path, "a.csv", 'external_id,name,row\nC1,A,x\n,"B, C",y\n')
    result = bring("customers", path, skip_bad_rows=True, rejects=tmp_path / "rejects.csv")
    assert result.rejects == str(tmp_path / "rejects.csv")
    lines = list(csv.reader((tmp_path / "rejects.csv").read_text("utf-8").splitlines()))
    assert lines == [
        ["external_id", "name", "row", "reject_row", "column", "reason"],
        ["", "B, C", "y", "3", "external_id", "A value is missing."],
    ]


def test_a_dry_run_tells_everything_and_writes_nothing(tmp_path):
    path = write(tmp_path, "a.csv", "external_id,name\nC1,A\n")
    assert bring("customers", path, dry_run=True).counts.added == 1
    assert not Customer.objects.exists()
    assert not Import.objects.exists()


def test_other_columns_are_named_once_or_become_custom_fields(tmp_path):
    path = write(tmp_path, "a.csv", "external_id,name,plan,arr\nC1,A,Pro,5\nC2,B,,6\n")
    result = bring("customers", path)
    assert [(it.code, it.params) for it in result.notices] == [
        ("unknown_columns", {"columns": "plan, arr"})
    ]
    bring("customers", path, custom=True)
    assert Customer.objects.get(external_id="C1").custom == {"plan": "Pro", "arr": "5"}
    assert Customer.objects.get(external_id="C2").custom == {"arr": "6"}


def test_pinyin_parents_tags_and_owners_come_with_a_customer(tmp_path):
    user = User.objects.create(email="Li@x.cn", name="Li", role="csm")
    result = bring(
        "customers",
        write(
            tmp_path,
            "a.csv",
            "external_id,name,parent,tags,owner\n"
            "C1,北京卓泽,C2,大客户；试点,li@X.cn\nC2,集团,,,wang@x.cn\n",
        ),
    )
    first, second = Customer.objects.order_by("external_id")
    assert first.pinyin.startswith("bjzz")
    assert (first.parent, first.tags, first.owner) == (second, ["大客户", "试点"], user)
    assert [it.code for it in result.notices] == ["unknown_owners"]
    late = User.objects.create(email="wang@x.cn", name="Wang", role="csm")
    assert claim_owned(late) == 1
    second.refresh_from_db()
    assert (second.owner, second.custom) == (late, {})


def test_a_parent_that_nobody_knows_is_a_row_error(tmp_path):
    path = write(tmp_path, "a.csv", "external_id,name,parent\nC1,A,C9\nC2,B,C2\n")
    with pytest.raises(RowsRefused) as refused:
        bring("customers", path)
    assert [it.code for it in refused.value.result.errors] == ["bad_parent"] * 2


def test_orders_of_unknown_customers_name_the_way_out(tmp_path):
    path = write(tmp_path, "a.csv", ORDERS)
    with pytest.raises(RowsRefused, match="--create-customers") as refused:
        bring("orders", path)
    assert (refused.value.row, refused.value.column) == (2, "customer_id")
    result = bring("orders", path, create_customers=True)
    assert (result.counts.added, result.counts.created_customers) == (1, 1)
    assert Customer.objects.get().name == "C1"


def test_one_ambiguous_date_refuses_the_file_even_when_bad_rows_are_skipped(tmp_path):
    customers(tmp_path)
    path = write(tmp_path, "a.csv", ORDERS + "O2,C1,new,13/04/2024,,1,CNY\n"
                 "O3,C1,new,03/04/2024,,1,CNY\n")  # fmt: skip
    with pytest.raises(InputRefused) as refused:
        bring("orders", path, skip_bad_rows=True)
    assert (refused.value.code, refused.value.row, refused.value.column) == (
        "ambiguous_date",
        4,
        "start_on",
    )
    assert not OrderLine.objects.exists()


def test_a_date_format_holds_for_every_date_of_the_file(tmp_path):
    customers(tmp_path)
    path = write(tmp_path, "a.csv", "order_id,customer_id,kind,start_on,end_on,mrr\n"
                 "O1,C1,new,03-04-2024,03-04-2025,5\n")  # fmt: skip
    bring("orders", path, date_format="%d-%m-%Y")
    line = OrderLine.objects.get()
    assert (line.start_on, line.end_on) == (date(2024, 4, 3), date(2025, 4, 3))


def test_the_first_import_of_a_source_is_recorded_when_it_happened_and_later_ones_now(tmp_path):
    customers(tmp_path)
    bring("orders", write(tmp_path, "a.csv", ORDERS))
    first = OrderLine.objects.get()
    assert (first.recorded_at, first.recorded_assumed) == (
        datetime(2023, 12, 31, 16, 0, tzinfo=UTC),
        True,
    )
    assert (first.signed_on, first.signed_assumed) == (date(2024, 1, 1), True)
    bring("orders", write(tmp_path, "b.csv", ORDERS.replace("O1", "O2")))
    second = OrderLine.objects.get(order_id="O2")
    assert (second.recorded_at, second.recorded_assumed) == (NOW, False)


def test_several_columns_make_an_id(tmp_path):
    customers(tmp_path)
    path = write(
        tmp_path, "a.csv", "a,b,customer_id,opened_at\n1,2,C1,2024-01-01\n1,3,C1,2024-01-02\n"
    )
    bring("tickets", path, id_columns=("a", "b"))
    assert set(Ticket.objects.values_list("external_id", flat=True)) == {"1+2", "1+3"}


def test_one_person_may_work_at_two_customers(tmp_path):
    customers(tmp_path)
    path = write(tmp_path, "a.csv", "external_id,customer_id,name\nP1,C1,Li\nP1,C2,Li\n")
    assert bring("people", path).counts.added == 2
    assert Person.objects.filter(external_id="P1").count() == 2


def test_an_import_is_undone_with_what_the_rows_held_before(tmp_path):
    customers(tmp_path)
    path = write(tmp_path, "b.csv", "external_id,name,parent\nC1,Acme Ltd,C3\nC3,New,\n")
    result = bring("customers", path)
    undo_import(imported(result), by=None, at=NOW)
    assert imported(result).state == State.UNDONE
    rows = Customer.objects.order_by("pk").values_list("external_id", "name", "parent")
    assert list(rows) == [
        ("C1", "Acme", None),
        ("C2", "北京卓泽", None),
    ]


def test_an_import_that_later_work_stands_on_stays_and_names_it(tmp_path):
    first = customers(tmp_path)
    bring("orders", write(tmp_path, "a.csv", ORDERS))
    with pytest.raises(UndoRefused) as refused:
        undo_import(imported(first), by=None, at=NOW)
    assert refused.value.touched == ["Acme"]
    assert Customer.objects.count() == 2

    Customer.objects.filter(external_id="C2").update(name="Else", version=2)
    with pytest.raises(UndoRefused) as refused:
        undo_import(imported(first), by=None, at=NOW)
    assert set(refused.value.touched) == {"Acme", "Else"}


def test_what_is_computed_from_an_import_does_not_hold_it(tmp_path):
    first = customers(tmp_path)
    second = bring("orders", write(tmp_path, "a.csv", ORDERS))
    jobs.fill(day=NOW.date())
    assert MrrChange.objects.exists()
    for result in (second, first):
        undo_import(imported(result), by=None, at=NOW)
    assert not Customer.objects.exists()


def test_a_touch_that_somebody_logged_holds_its_customer(tmp_path):
    first = customers(tmp_path)
    Touch.objects.create(
        customer=Customer.objects.get(external_id="C2"), happened_at=NOW, recorded_at=NOW
    )
    with pytest.raises(UndoRefused) as refused:
        undo_import(imported(first), by=None, at=NOW)
    assert refused.value.touched == ["北京卓泽"]
    with override("zh-hans"):
        assert "保留此次导入" in gettext(refused.value.message)


def test_orders_are_undone_unless_later_rows_renew_them(tmp_path):
    customers(tmp_path)
    first = bring("orders", write(tmp_path, "a.csv", ORDERS))
    renewal = (
        "order_id,customer_id,kind,start_on,end_on,mrr,renews\n"
        "O2,C1,renewal,2025-01-01,2026-01-01,5,O1\n"
    )
    second = bring("orders", write(tmp_path, "b.csv", renewal))
    with pytest.raises(UndoRefused) as refused:
        undo_import(imported(first), by=None, at=NOW)
    assert refused.value.touched == ["O1"]
    undo_import(imported(second), by=None, at=NOW)
    undo_import(imported(first), by=None, at=NOW)
    assert not OrderLine.objects.exists()


def test_scratch_files_do_not_stay(tmp_path, home):
    customers(tmp_path)
    bring("customers", write(tmp_path, "a.csv.gz", "external_id,name\nC1,A\n"))
    left = [it for it in Path(home).rglob("*") if it.is_file() and "store" not in it.parts]
    assert left == []
