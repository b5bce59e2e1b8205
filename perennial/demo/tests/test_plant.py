"""The cast in the database: what other slices' tests build on."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from perennial.contracts.models import OrderLine, Pause
from perennial.customers.models import Person
from perennial.customers.queries import visible_customers
from perennial.demo.cast import CAST, COLLEAGUES, State
from perennial.demo.plant import Planted, plant, write_usage
from perennial.surveys.models import Answer
from perennial.tickets.models import Ticket

END_ON = date(2026, 6, 30)


@pytest.fixture
def planted(db: None) -> Planted:
    return plant(end_on=END_ON)


def test_every_state_has_its_customer_and_every_colleague_an_account(planted: Planted) -> None:
    assert {customer.name for customer in planted.customers.values()} == {
        member.name.zh for member in CAST
    }
    assert len(planted.users) == len(COLLEAGUES)
    assert planted.customers[State.DUE].pinyin


def test_the_owner_sees_the_own_book_and_the_outsider_nothing(planted: Planted) -> None:
    mine = {member.external_id for member in CAST if member.owner == planted.owner.email}
    seen = {customer.external_id for customer in visible_customers(planted.owner)}
    assert seen == mine
    assert not visible_customers(planted.outsider).exists()
    assert visible_customers(planted.teammate).count() == len(CAST) - len(mine)


def test_each_state_is_true_in_the_ledger(planted: Planted) -> None:
    due = OrderLine.objects.filter(customer=planted.customers[State.DUE])
    assert max(line.end_on for line in due if line.end_on) == END_ON + timedelta(days=22)
    lost = OrderLine.objects.filter(customer=planted.customers[State.LOST])
    assert max(line.end_on for line in lost if line.end_on) == END_ON - timedelta(days=39)
    rest = Pause.objects.get(customer=planted.customers[State.PAUSED])
    assert rest.end_on
    assert rest.start_on <= END_ON < rest.end_on


def test_the_unhappy_one_says_so(planted: Planted) -> None:
    unhappy = planted.customers[State.UNHAPPY]
    last = Answer.objects.filter(customer=unhappy, kind="nps").order_by("-answered_at")[0]
    assert last.score == 3
    assert Ticket.objects.filter(customer=unhappy, kind="投诉", closed_at=None).count() >= 2
    assert unhappy.invoices.filter(paid_on=None, due_on__lt=END_ON).exists()


def test_the_sponsor_of_the_wilting_one_has_left(planted: Planted) -> None:
    left = Person.objects.get(customer=planted.customers[State.WILTING], to_on__isnull=False)
    assert left.grade == "S"


def test_usage_of_the_silent_one_has_stopped(planted: Planted, tmp_path: Path) -> None:
    path = write_usage(tmp_path, end_on=END_ON, events=8_000)
    table = pq.read_table(path, columns=["customer_id", "timestamp"])
    newest = table.group_by("customer_id").aggregate([("timestamp", "max")]).to_pylist()
    quiet_days = {row["customer_id"]: (END_ON - row["timestamp_max"].date()).days for row in newest}
    assert quiet_days[planted.customers[State.SILENT].external_id] >= 75
    assert quiet_days[planted.customers[State.DUE].external_id] <= 5
