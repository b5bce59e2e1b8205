"""What people change about people: one line each, conflicts visible, changes taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from perennial.customers.actions import EditConflict, NothingToDo
from perennial.customers.imports import record_people
from perennial.customers.models import Customer, GradedBy, Person
from perennial.customers.people import actions
from perennial.customers.people.standards.actions import (
    drop_standard,
    keep_products,
    regrade,
    save_standard,
)
from perennial.customers.people.standards.queries import regrading, standards
from perennial.customers.upsert import ImportedRow
from perennial.team.models import AuditEntry, Role, User
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.fixture
def admin() -> User:
    return User.objects.create(email="admin@example.com", name="Admin", role=Role.ADMIN)


@pytest.fixture
def one() -> Customer:
    return Customer.objects.create(external_id="one", name="一号公司", recorded_at=NOW)


def person(customer: Customer, name: str, **values: object) -> Person:
    return Person.objects.create(
        external_id=name, customer=customer, name=name, recorded_at=NOW, **values
    )


def imported(**values: object) -> ImportedRow:
    return ImportedRow(2, values, NOW, False)


def test_a_person_is_added_changed_leaves_and_comes_back(admin, one):
    added = actions.add_person(one, values={"name": "黄志强", "role": "CEO"}, by=admin, at=NOW)
    assert (added.grade, added.graded_by, added.from_on) == ("S", GradedBy.STANDARD, TODAY)
    actions.edit_person(added, values={"sentiment": "cool"}, version=1, by=admin, at=NOW)
    actions.mark_left(added, left_on=TODAY, left_to="二号公司", version=2, by=admin, at=NOW)
    assert (added.to_on, added.left_to) == (TODAY, "二号公司")
    actions.come_back(added, version=3, by=admin, at=NOW)
    assert (added.to_on, added.left_to) == (None, "")
    codes = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert codes == ["person.added", "person.edited", "person.left", "person.returned"]


def test_the_second_editor_sees_a_conflict_and_nothing_is_written(admin, one):
    them = person(one, "张伟")
    actions.edit_person(them, values={"role": "CEO"}, version=1, by=admin, at=NOW)
    with pytest.raises(EditConflict):
        actions.edit_person(them, values={"role": "司机"}, version=1, by=admin, at=NOW)
    assert Person.objects.get().role == "CEO"
    with pytest.raises(NothingToDo):
        actions.edit_person(them, values={"role": "CEO"}, version=2, by=admin, at=NOW)


def test_a_change_is_taken_back_unless_somebody_changed_more(admin, one):
    boss, them = person(one, "老板"), person(one, "张伟", role="司机")
    values = {"role": "CEO", "reports_to_id": boss.pk}
    entry = actions.edit_person(them, values=values, version=1, by=admin, at=NOW)
    assert entry.detail["reports_to"] == ["", "老板"]
    assert them.grade == "S"
    actions.undo(entry, by=admin, at=NOW)
    them.refresh_from_db()
    assert (them.role, them.reports_to, them.grade) == ("司机", None, "")
    left = actions.mark_left(them, left_on=TODAY, version=them.version, by=admin, at=NOW)
    actions.edit_person(them, values={"phone": "1"}, version=them.version, by=admin, at=NOW)
    with pytest.raises(EditConflict):
        actions.undo(left, by=admin, at=NOW)
    assert Person.objects.get(pk=them.pk).to_on == TODAY


def test_a_circle_of_managers_is_refused(admin, one):
    top = person(one, "上")
    below = person(one, "下", reports_to=top)
    with pytest.raises(InputRefused, match="circle"):
        actions.edit_person(top, values={"reports_to_id": below.pk}, version=1, by=admin, at=NOW)
    with pytest.raises(InputRefused, match="circle"):
        actions.edit_person(top, values={"reports_to_id": top.pk}, version=1, by=admin, at=NOW)
    other = Customer.objects.create(external_id="two", name="二号", recorded_at=NOW)
    elsewhere = person(other, "别处")
    with pytest.raises(InputRefused, match="same customer"):
        actions.edit_person(
            top, values={"reports_to_id": elsewhere.pk}, version=1, by=admin, at=NOW
        )


def test_nobody_leaves_before_they_came_or_tomorrow(admin, one):
    them = person(one, "张伟", from_on=date(2026, 1, 1))
    with pytest.raises(InputRefused, match="before the start"):
        actions.mark_left(them, left_on=date(2025, 12, 31), version=1, by=admin, at=NOW)
    with pytest.raises(InputRefused, match="future"):
        actions.mark_left(them, left_on=date(2026, 11, 23), version=1, by=admin, at=NOW)
    them.refresh_from_db()
    assert them.to_on is None


def test_somebody_moves_to_another_customer_and_is_the_same_person(admin, one):
    two = Customer.objects.create(external_id="two", name="二号公司", recorded_at=NOW)
    them = person(one, "张伟", grade="S", company_needs="涨业绩", phone="138")
    there = actions.move_person(them, to=two, left_on=TODAY, version=1, by=admin, at=NOW)
    them.refresh_from_db()
    assert (them.to_on, them.left_to) == (TODAY, "二号公司")
    assert (there.external_id, there.phone, there.grade) == ("张伟", "138", "")
    assert there.company_needs == ""  # what a company needs stays with the company
    back = actions.move_person(there, to=one, left_on=TODAY, version=1, by=admin, at=NOW)
    assert (back.pk, back.to_on) == (them.pk, None)
    with pytest.raises(InputRefused):
        actions.move_person(back, to=one, left_on=TODAY, version=back.version, by=admin, at=NOW)


def test_a_grade_given_by_hand_stays_whatever_the_standard_says(admin, one):
    by_hand = actions.add_person(
        one, values={"name": "甲", "role": "CEO", "grade": "B"}, by=admin, at=NOW
    )
    by_rule = actions.add_person(one, values={"name": "乙", "role": "CEO"}, by=admin, at=NOW)
    rules = {"grades": [{"grade": "A", "words": ["CEO"]}], "cadence_days": {"A": 10}}
    would = regrading(admin, standards(), files_too=False)
    assert (would.count, would.whole, would.by_hand) == (0, 2, 1)
    assert save_standard("", rules, version=0, by=admin, at=NOW) == 1
    by_hand.refresh_from_db()
    by_rule.refresh_from_db()
    assert (by_hand.grade, by_rule.grade) == ("B", "A")
    with pytest.raises(EditConflict):
        save_standard("", rules, version=0, by=admin, at=NOW)
    assert drop_standard("", by=admin, at=NOW) == 1
    by_rule.refresh_from_db()
    assert by_rule.grade == "S"
    emptied = actions.edit_person(by_hand, values={"grade": ""}, version=1, by=admin, at=NOW)
    assert emptied.detail["grade"] == ["B", "S"]


def test_a_products_standard_grades_its_customers_only(admin, one):
    two = Customer.objects.create(external_id="two", name="二号", recorded_at=NOW)
    mine, theirs = person(one, "甲", role="店长"), person(two, "乙", role="店长")
    save_standard(
        "ERP", {"grades": [{"grade": "S", "words": ["店长"]}]}, version=0, by=admin, at=NOW
    )
    assert keep_products({one.pk: ["ERP"]}) == 1
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.grade, theirs.grade) == ("S", "")
    assert keep_products({one.pk: ["ERP"]}) == 0


def test_a_file_says_the_grade_and_the_standard_fills_the_gaps(admin, one):
    known = {"one": one.pk}
    rows = [
        imported(external_id="a", customer_id="one", name="甲", role="CEO", grade="B"),
        imported(external_id="b", customer_id="one", name="乙", role="CEO", grade=None),
    ]
    assert record_people(rows, customers=known, batch=1).added == 2
    grades = dict(Person.objects.values_list("name", "grade"))
    assert grades == {"甲": "B", "乙": "S"}
    assert record_people(rows, customers=known, batch=2).same == 2  # the same file again
    assert regrade(Person.objects.all()) == 0
    assert regrade(Person.objects.all(), files_too=True) == 1


def test_a_standard_with_faults_is_refused(admin):
    wrong: tuple[dict[str, object], ...] = (
        {"grades": []},
        {"grades": [{"grade": "X", "words": ["a"]}]},
        {"grades": [{"grade": "S", "words": []}]},
        {"grades": [{"grade": "S", "words": ["a" * 100]}]},
        {"grades": [{"grade": "S", "words": ["a"]}], "cadence_days": {"S": 0}},
        {"grades": [{"grade": "S", "words": ["a"]}], "cadence_days": {"S": "soon"}},
        {"grades": "CEO"},
    )
    for rules in wrong:
        with pytest.raises(InputRefused):
            save_standard("", rules, version=0, by=admin, at=NOW)
    assert not AuditEntry.objects.exists()
