"""What people change: one transaction, one line, and the second editor sees a conflict."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perennial.customers import actions
from perennial.customers.models import Customer, Touch
from perennial.team.models import AuditEntry, Role, User
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture
def leader() -> User:
    return User.objects.create(email="admin@example.com", name="Admin", role=Role.ADMIN)


def customer(name: str, owner: User | None = None) -> Customer:
    return Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)


def test_an_edit_writes_its_value_and_one_line_with_before_and_after(leader: User) -> None:
    one = customer("Old")
    actions.edit_customer(one, changes={"name": "北京卓泽"}, version=1, by=leader, at=NOW)
    assert (one.name, one.pinyin, one.version) == ("北京卓泽", "bjzz beijingzhuoze", 2)
    line = AuditEntry.objects.get()
    assert line.detail == {"name": ["Old", "北京卓泽"]}
    assert (line.object_type, line.object_id) == ("customer", str(one.pk))


def test_the_second_editor_sees_a_conflict_and_nothing_is_written(leader: User) -> None:
    one = customer("One")
    actions.edit_customer(one, changes={"region": "north"}, version=1, by=leader, at=NOW)
    with pytest.raises(actions.EditConflict):
        actions.edit_customer(one, changes={"region": "south"}, version=1, by=leader, at=NOW)
    assert Customer.objects.get().region == "north"
    assert AuditEntry.objects.count() == 1


def test_an_assignment_can_be_undone_but_for_those_reassigned_since(leader: User) -> None:
    anna, ben, carl = (User.objects.create(email=f"{n}@example.com", name=n) for n in "abc")
    one, two = customer("one", anna), customer("two", ben)
    entry = actions.assign_owner([one.pk, two.pk], owner=carl, by=leader, at=NOW)
    assert set(Customer.objects.values_list("owner", flat=True)) == {carl.pk}
    actions.assign_owner([two.pk], owner=anna, by=leader, at=NOW)
    assert actions.undo_assignment(entry, by=leader, at=NOW) == 1
    assert dict(Customer.objects.values_list("name", "owner")) == {"one": anna.pk, "two": anna.pk}
    with pytest.raises(actions.NothingToDo):
        actions.undo_assignment(entry, by=leader, at=NOW)


def test_nobody_assigns_a_customer_that_they_do_not_see() -> None:
    csm = User.objects.create(email="csm@example.com", name="CSM")
    foreign = customer("foreign")
    with pytest.raises(actions.NothingToDo):
        actions.assign_owner([foreign.pk], owner=csm, by=csm, at=NOW)
    assert Customer.objects.get().owner is None


def test_a_contact_is_logged_but_never_in_the_future(leader: User) -> None:
    one = customer("one")

    def log(at: datetime) -> Touch:
        return actions.log_touch(
            one, kind="call", happened_at=at, person=None, minutes=15, note="ok", by=leader, at=NOW
        )

    log(NOW)
    with pytest.raises(InputRefused):
        log(NOW + timedelta(minutes=1))
    assert Touch.objects.get().owner == leader
