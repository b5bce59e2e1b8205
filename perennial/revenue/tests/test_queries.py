"""The kept changes: equal to the plain road from the ledger, and cheap to keep."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from perennial.contracts.models import OrderLine, Pause
from perennial.contracts.queries import ledgers
from perennial.contracts.rules import Kind
from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.revenue.actions import changes
from perennial.revenue.models import MovementKind, MrrChange, RevenueMark
from perennial.revenue.queries import Book, Report, movements, movers, mrr_on
from perennial.revenue.rules import Movement, exact_sum
from perennial.revenue.tests.ledger import activity, by_customer, moment, net, states
from perennial.team.models import Role, Team, User
from perennial.units.period import ONE_DAY, Grain, periods_between

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
FROM, TO = date(2024, 1, 1), date(2025, 12, 31)


def user(email: str, role: Role, team: Team | None = None) -> User:
    return User.objects.create(email=email, name=email, role=role, team=team)


@pytest.fixture
def finance() -> User:
    return user("finance@x.invalid", Role.FINANCE)


def customer(number: int, owner: User | None = None) -> Customer:
    name = f"C{number:03}"
    return Customer.objects.create(
        external_id=name, name=name, owner=owner, recorded_at=moment(FROM)
    )


def order(of: Customer, order_id: str, start: date, **also) -> OrderLine:
    given = {
        "kind": Kind.NEW, "recurring_amount": Decimal(1200), "basis": "term", "currency": "CNY",
        "signed_on": start, "recorded_at": moment(start), "end_on": start + timedelta(days=365),
    } | also  # fmt: skip
    return OrderLine.objects.create(customer=of, order_id=order_id, start_on=start, **given)


@pytest.fixture
def company() -> list[Customer]:
    """Forty customers with everything that a ledger can hold."""
    random = Random(7)
    made = [customer(number) for number in range(40)]
    for of in made:
        start, before = FROM + timedelta(days=random.randrange(-400, 200)), None
        for turn in range(random.randrange(1, 5)):
            days = random.choice([90, 181, 365, 400])
            order_id = f"{of.name}-{turn}"
            amount = Decimal(random.randrange(100, 10**6)) / 7
            order(
                of, order_id, start, end_on=start + timedelta(days=days),
                kind=Kind.RENEWAL if before else Kind.NEW, renews=[before] if before else [],
                recurring_amount=round(amount, 6),
            )  # fmt: skip
            middle = start + timedelta(days=random.randrange(1, days))
            match random.randrange(6):
                case 0:
                    order(
                        of, f"{order_id}x", middle, kind=Kind.CANCELLATION, renews=[order_id],
                        recurring_amount=None, basis="none", end_on=None,
                    )  # fmt: skip
                case 1:
                    order(
                        of, f"{order_id}d", middle, kind=Kind.DOWNSELL, renews=[order_id],
                        recurring_amount=Decimal(-3), end_on=start + timedelta(days=days),
                    )  # fmt: skip
                case 2:
                    Pause.objects.create(
                        customer=of, start_on=middle, end_on=middle + timedelta(days=40),
                        recorded_at=moment(middle),
                    )  # fmt: skip
            gap = random.choice([-20, 0, 0, 0, 50])
            start, before = start + timedelta(days=days + gap), order_id
    return made


def test_two_roads_to_one_number(company, finance):
    jobs.fill(day=TO)
    rows = ledgers().values()
    lines = [line for ledger in rows for line in ledger.lines]
    pauses = [pause for ledger in rows for pause in ledger.pauses]
    terms = by_customer(lines, pauses)
    book = Book(finance)
    for period in periods_between(FROM, TO, Grain.MONTH):
        plain = {pk: state.mrr for pk, state in states(terms, period.last_on).items() if state.mrr}
        assert {pk: mrr for pk, mrr in mrr_on(None, period.last_on).items() if mrr} == plain
        for report, road in ((Report.NET, net), (Report.ACTIVITY, activity)):
            kept, exact = (
                book.movements(period, report),
                road(lines, period.first_on, period.last_on, pauses),
            )
            assert (kept.start, kept.end, kept.amounts, kept.counts, kept.customers) == (
                exact.start,
                exact.end,
                exact.amounts,
                exact.counts,
                exact.customers,
            )
    year = periods_between(FROM, TO, Grain.YEAR)
    seen = {
        kind for kind, count in book.movements(next(year), Report.ACTIVITY).counts.items() if count
    }
    assert seen == set(Movement), "the company must show every movement"


def test_the_customers_behind_a_figure_add_up_to_it(company, finance):
    jobs.fill(day=TO)
    for period in periods_between(FROM, TO, Grain.QUARTER):
        report = Book(finance).movements(period)
        for kind, amount in report.amounts.items():
            behind = movers(finance, period=period, kind=kind)
            assert exact_sum(mover.amount for mover in behind) == amount
            assert len(behind) == report.counts[kind]
        everybody = [abs(mover.amount) for mover in movers(finance, period=period)]
        assert everybody == sorted(everybody, reverse=True)


def test_a_fill_without_news_writes_nothing_and_news_touch_one_customer(company):
    first = jobs.fill(day=TO)
    assert first["customers"] == 40 and first["changes"] == MrrChange.objects.count()
    newest = MrrChange.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert jobs.fill(day=TO) == {"customers": 0, "changes": 0}
    addon = order(company[3], "late", date(2025, 3, 1), kind=Kind.ADDON)
    assert jobs.fill(day=TO)["customers"] == 1
    fresh = MrrChange.objects.filter(pk__gt=newest)
    assert set(fresh.values_list("customer_id", flat=True)) == {company[3].pk}
    addon.delete()
    assert jobs.fill(day=TO)["customers"] == 1
    OrderLine.objects.all().delete()
    Pause.objects.all().delete()
    jobs.fill(day=TO)
    assert not MrrChange.objects.exists() and not RevenueMark.objects.exists()


def test_a_killed_fill_goes_on_and_ends_in_the_same_state(company, monkeypatch):
    jobs.fill(day=TO)

    def kept() -> list[tuple[object, ...]]:
        rows = MrrChange.objects.order_by("customer", "rank")
        return list(rows.values_list("customer", "rank", "changed_on", "after_exact", "kind"))

    whole = kept()
    MrrChange.objects.all().delete()
    RevenueMark.objects.all().delete()
    monkeypatch.setattr(changes, "CHUNK", 10)

    def dies(done: int, total: int | None = None, /) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.fill(day=TO, progress=dies)
    assert jobs.fill(day=TO)["customers"] == 20
    assert kept() == whole


def test_changes_follow_one_another_without_gaps(company):
    jobs.fill(day=TO)
    for of in company:
        changes = list(of.mrr_changes.order_by("rank"))
        assert changes[0].before == 0 and changes[-1].until_on is None
        for earlier, later in pairwise(changes):
            assert earlier.until_on == later.changed_on
            assert earlier.after_exact == later.before_exact
            assert abs(Fraction(later.after_exact) - Fraction(later.after)) <= Fraction(1, 200)


def test_a_currency_without_a_rate_makes_the_total_unknown_and_is_named(finance):
    owner = user("csm@x.invalid", Role.CSM)
    ours, foreign = customer(1), customer(2, owner)
    order(ours, "A", FROM)
    order(foreign, "B", FROM, currency="USD")
    jobs.fill(day=TO)
    (report,) = movements(finance, from_on=FROM, to_on=FROM, grain=Grain.DAY)
    assert (report.figure("end"), report.unknown["end"]) == (None, "missing_rate")
    assert report.customers == 2
    assert Book(finance).missing().currencies == {"USD": 1}
    assert Book(owner).missing().currencies == {"USD": 1}
    assert not Book(user("other@x.invalid", Role.CSM)).missing()


def test_another_company_currency_redoes_everything(settings, finance):
    foreign = customer(2)
    order(foreign, "B", FROM, currency="USD")
    jobs.fill(day=TO)
    settings.PERENNIAL_CURRENCY = "USD"
    assert jobs.fill(day=TO)["customers"] == 1
    assert foreign.pk in mrr_on(None, FROM)
    assert not Book(finance).missing()


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.ADMIN, {"C001", "C002"}),
        (Role.FINANCE, {"C001", "C002"}),
        (Role.LEADER, {"C001", "a customer of another team"}),
        (Role.CSM, {"C001"}),
    ],
)
def test_a_csm_sees_the_own_book_and_finance_the_company(role, sees):
    who = user("who@x.invalid", role, Team.objects.create(name="East"))
    order(customer(1, who), "A", FROM)
    order(customer(2), "B", FROM)
    jobs.fill(day=TO)
    with translation.override("en"):
        (report,) = movements(who, from_on=FROM, to_on=FROM, grain=Grain.DAY)
        behind = movers(who, period=report.period)
    assert {mover.customer.name for mover in behind} == sees
    assert report.end == exact_sum(mover.after for mover in behind)
    reached = sees & {"C001", "C002"}
    assert {mover.customer.external_id for mover in behind if mover.customer.linked} == reached
    assert {mover.customer.external_id for mover in behind} - {""} == reached


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
def test_roles_without_money_are_refused(role):
    with pytest.raises(PermissionDenied):
        Book(user("who@x.invalid", role))


def test_the_tables_speak_of_the_same_movements_as_the_rules():
    assert set(MovementKind.values) == set(Movement)


def test_mrr_on_the_day_before_the_first_order_is_unknown(finance):
    order(customer(1), "A", FROM)
    jobs.fill(day=TO)
    assert mrr_on(None, FROM - ONE_DAY) == {}
