"""Two records that are one company stand as one, dated, and can be parted again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from perennial.customers.merging import MergeRefused, merge_customers, undo_merge
from perennial.customers.models import Customer, Merge
from perennial.customers.queries import survivors, visible_customers, with_absorbed
from perennial.team.models import AuditEntry, Role, User

pytestmark = pytest.mark.django_db
JUNE, JULY = datetime(2026, 6, 10, 8, tzinfo=UTC), datetime(2026, 7, 10, 8, tzinfo=UTC)


@pytest.fixture
def companies() -> dict[str, Customer]:
    return {
        name: Customer.objects.create(external_id=name, name=name.title(), recorded_at=JUNE)
        for name in ("old", "new", "group")
    }


@pytest.fixture
def leader() -> User:
    return User.objects.create(email="leader@example.org", name="L", role=Role.ADMIN)


def test_a_merge_is_known_from_its_day_until_it_is_undone(
    companies: dict[str, Customer], leader: User
) -> None:
    merge = merge_customers(companies["old"], into=companies["new"], by=leader, at=JUNE)
    undo_merge(merge, by=leader, at=JULY)
    assert survivors(date(2026, 6, 9)) == {}
    assert survivors(date(2026, 6, 10)) == {"old": "new"}
    assert survivors(date(2026, 7, 9)) == {"old": "new"}
    assert survivors(date(2026, 7, 10)) == survivors() == {}


def test_chains_lead_to_the_last_and_come_apart_link_by_link(
    companies: dict[str, Customer], leader: User
) -> None:
    merge_customers(companies["old"], into=companies["new"], by=leader, at=JUNE)
    upper = merge_customers(companies["new"], into=companies["group"], by=leader, at=JUNE)
    assert survivors() == {"old": "group", "new": "group"}
    assert _standing() == {"old": "group", "new": "group", "group": None}
    undo_merge(upper, by=leader, at=JULY)
    assert _standing() == {"old": "new", "new": None, "group": None}


def _standing() -> dict[str, str | None]:
    return dict(Customer.objects.values_list("external_id", "merged_into__external_id"))


@pytest.mark.parametrize(("customer", "into"), [("old", "old"), ("old", "group"), ("new", "old")])
def test_loops_and_second_merges_are_refused(
    companies: dict[str, Customer], leader: User, customer: str, into: str
) -> None:
    merge_customers(companies["old"], into=companies["new"], by=leader, at=JUNE)
    with pytest.raises(MergeRefused):
        merge_customers(companies[customer], into=companies[into], by=leader, at=JULY)
    assert Merge.objects.count() == 1


def test_a_merge_is_undone_once(companies: dict[str, Customer], leader: User) -> None:
    merge = merge_customers(companies["old"], into=companies["new"], by=leader, at=JUNE)
    undo_merge(merge, by=leader, at=JULY)
    with pytest.raises(MergeRefused):
        undo_merge(merge, by=leader, at=JULY)


def test_a_foreign_customer_cannot_be_merged(companies: dict[str, Customer]) -> None:
    csm = User.objects.create(email="csm@example.org", name="C", role=Role.CSM)
    Customer.objects.filter(pk=companies["old"].pk).update(owner=csm)
    with pytest.raises(MergeRefused):
        merge_customers(companies["old"], into=companies["new"], by=csm, at=JUNE)


def test_nothing_is_rewritten_and_every_step_has_its_audit_line(
    companies: dict[str, Customer], leader: User
) -> None:
    merge = merge_customers(companies["old"], into=companies["new"], by=leader, at=JUNE)
    assert set(Customer.objects.values_list("external_id", flat=True)) == {"old", "new", "group"}
    assert not visible_customers(leader).filter(external_id="old").exists()
    assert with_absorbed(visible_customers(leader)).filter(external_id="old").exists()
    undo_merge(merge, by=leader, at=JULY)
    lines = AuditEntry.objects.order_by("pk").values_list("action", "object_id")
    into = str(companies["new"].pk)
    assert list(lines) == [("customer.merged", into), ("customer.merge_undone", into)]


def test_the_database_lets_a_customer_stand_under_one_only(
    companies: dict[str, Customer],
) -> None:
    Merge.objects.create(customer=companies["old"], into=companies["new"], merged_at=JUNE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(customer=companies["old"], into=companies["group"], merged_at=JUNE)
