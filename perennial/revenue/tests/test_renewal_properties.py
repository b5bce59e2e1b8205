"""What holds for the renewal rates of any ledger (metric specification B6), and a second, naive
road to every due item."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import Basis, Ending, Kind, Line, Term, resolve
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.due_items import RENEWED, DueItem
from perennial.revenue.rules.exclusions import Exclusion
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.renewal import RenewalReport, by_segment, rates_of, renewals
from perennial.revenue.tests.ledger import moment

FIRST = date(2024, 1, 1)
FROM, TO = date(2024, 7, 1), date(2025, 6, 30)
KNOWN = date(2025, 5, 31)
DEFINITIONS = Definitions(grace_days=30, early_days=30)
DAY = timedelta(days=1)


def money():
    return some.integers(0, 20).map(lambda n: Fraction(n * 50))


@some.composite
def contracts(draw) -> Line:
    """A contract that ends in or near the window, on one of a few days so that some meet."""
    end = FROM + draw(some.sampled_from([-20, 0, 15, 120, 121, 300, 330, 380])) * DAY
    start = end - draw(some.sampled_from([30, 181, 365, 731])) * DAY
    kind = draw(some.sampled_from([Kind.NEW] * 6 + [Kind.TRIAL, Kind.BUYOUT, Kind.USAGE]))
    return written(f"A{draw(some.integers(0, 999))}", kind, start, end, draw(money()), start)


@some.composite
def answers(draw, number: int, about: list[Line]) -> Line:
    """What follows on one or two of the contracts: most often a renewal."""
    named = draw(some.lists(some.sampled_from(about), min_size=1, max_size=2, unique=True))
    end = named[0].end_on or TO
    names = tuple(dict.fromkeys(it.order_id for it in named))
    amount = draw(money())
    match draw(some.sampled_from(["renewal"] * 6 + ["addon", "downsell", "cancellation"])):
        case "addon":
            return written(f"B{number}", Kind.ADDON, end - 90 * DAY, end, amount, end - 95 * DAY)
        case "downsell":
            less = (f"B{number}", Kind.DOWNSELL, end - 60 * DAY, end, -amount, end - 60 * DAY)
            return written(*less, renews=names)
        case "cancellation":
            last = end - draw(some.sampled_from([0, 0, 40])) * DAY
            return written(f"B{number}", Kind.CANCELLATION, last, None, None, last, renews=names)
    start = end + draw(some.sampled_from([-100, -31, -1, 0, 0, 0, 1, 29, 30, 31, 60])) * DAY
    signed = end + draw(some.sampled_from([-90, -32, -31, -1, 0, 1, 28, 29, 30, 45])) * DAY
    length = draw(some.sampled_from([None, 30, 365, 365, 800, "same"]))
    until = None if length is None else end if length == "same" else start + length * DAY
    if until is not None and until <= start:
        until = start + 90 * DAY
    order_id = f"B{draw(some.integers(number - 1, number))}"  # sometimes two lines of one order
    return written(order_id, Kind.RENEWAL, start, until, amount, signed, renews=names)


def written(order_id, kind, start, end, amount, signed, renews=()) -> Line:
    silent = kind in (Kind.CANCELLATION, Kind.TRIAL)
    return Line(
        customer_id=1,
        order_id=order_id,
        kind=kind,
        start_on=start,
        end_on=end,
        signed_on=signed,
        recorded_at=moment(signed),
        currency="CNY",
        amount=None if silent else amount,
        basis=Basis.NONE if silent else Basis.TERM if end else Basis.INTERVAL,
        renews=renews,
    )


@some.composite
def ledgers(draw) -> list[Line]:
    """Up to three customers with contracts that fall due, and what may or may not renew them."""
    lines: list[Line] = []
    for customer_id in range(1, draw(some.integers(1, 3)) + 1):
        theirs = draw(some.lists(contracts(), min_size=1, max_size=3))
        for number in range(draw(some.integers(0, 4))):
            about = [it for it in theirs if it.end_on]
            theirs.append(draw(answers(len(lines) + number, about)))
        lines += [
            replace(
                it,
                customer_id=customer_id,
                order_id=f"{customer_id}{it.order_id}",
                line=f"{rank}",
                renews=tuple(f"{customer_id}{name}" for name in it.renews if name != it.order_id),
            )
            for rank, it in enumerate(theirs)
        ]
    return lines


def at(
    lines: list[Line],
    *,
    judged_on: date = KNOWN,
    exclusions: Collection[Exclusion] = (),
) -> RenewalReport:
    """As recorded by KNOWN, with the statuses of `judged_on`."""
    return renewals(
        resolve(lines, known_before=moment(KNOWN + DAY)),
        from_on=FROM,
        to_on=TO,
        known_on=judged_on,
        definitions=DEFINITIONS,
        rates=Rates(),
        exclusions=exclusions,
    )


def sure(amount: Fraction | None) -> Fraction:
    """An amount or rate that these ledgers always have."""
    assert amount is not None
    return amount


Told = tuple[int, date, Fraction | None, Fraction | None, str]


def naive(lines: list[Line], known_on: date = KNOWN) -> list[Told]:
    """Item by item: look at every line whether it renews it."""
    terms = [
        term
        for term in resolve(lines, known_before=moment(known_on + DAY))
        if term.kind in ("new", "renewal", "addon", "downsell") and term.due_end_on != term.start_on
    ]
    groups: dict[tuple[int, date], list[Term]] = {}
    for customer_id, end in sorted(
        {(it.customer_id, it.due_end_on) for it in terms if it.due_end_on}
    ):
        group = [it for it in terms if (it.customer_id, it.due_end_on) == (customer_id, end)]
        group = [it for it in group if not _rewritten(it, group)]
        if sum(it.mrr for it in group) > 0:
            groups[customer_id, end] = group
    found: list[Told] = []
    for (customer_id, end), group in groups.items():
        worth = Fraction(0)
        signed = []
        for line in terms:
            hit = [other for other in groups if _renews(line, terms, other, groups[other])]
            if (customer_id, end) in hit:
                whole = sum(sum(it.mrr for it in groups[other]) for other in hit)
                worth += line.mrr * 12 * sum(it.mrr for it in group) / whole
                signed.append(line.signed_on)
        due = end - DAY
        if worth > 0:
            days = (due - min(signed)).days
            status = "late" if days < 0 else "renewed_early" if days > 30 else "on_time"
        elif all(it.notice_on for it in group) or known_on > due + 30 * DAY:
            status = "lost"
        else:
            status = "pending"
        renewed = max(worth, Fraction(0))
        owed = sum((it.mrr for it in group), Fraction(0)) * 12
        found.append((customer_id, due, owed, renewed, status))
    return [item for item in found if FROM <= item[1] <= TO]


def _rewritten(term: Term, group: list[Term]) -> bool:
    orders = {it.order_id for it in group}
    return term.ending is Ending.RENEWED and any(
        it.kind is Kind.RENEWAL and it.start_on == term.end_on and orders & set(it.renews)
        for it in group
    )


def _renews(line: Term, terms: list[Term], key: tuple[int, date], group: list[Term]) -> bool:
    customer_id, end = key
    order = [it for it in terms if it.order_id == line.order_id and it.kind is Kind.RENEWAL]
    if line.kind is Kind.RENEWAL and line.renews:
        names = set(line.renews)
    else:
        names = {name for it in order for name in it.renews}
    begun = any(it.order_id in names and it.start_on < line.start_on for it in group)
    in_time = line.start_on <= end + 30 * DAY and line.signed_on <= end + 29 * DAY
    return begun and in_time and line.customer_id == customer_id and line.due_end_on != end


def told(items: list[DueItem]) -> list[Told]:
    return [
        (it.customer_id, it.due_on, it.due_amount, it.renewed_amount, it.outcome) for it in items
    ]


@given(ledgers())
@settings(max_examples=500, deadline=None)
def test_two_roads_lead_to_every_due_item(lines):
    assert told(at(lines).items) == naive(lines)


@given(ledgers(), some.data())
@settings(max_examples=300, deadline=None)
def test_the_rates_are_shares_of_what_is_due_and_the_bounds_hold_them(lines, data):
    orders = sorted({line.order_id for line in lines})
    left_out = data.draw(some.sets(some.sampled_from(orders)))
    exclusions = [Exclusion(order_id, "closed", "seen", "by") for order_id in left_out]
    found = at(lines, exclusions=exclusions)
    for rates in (found.raw, found.adjusted):
        bounds = rates.bounds
        pure, upsell = rates.amount_renewal_rate, rates.amount_renewal_rate_with_upsell
        assert (pure is None) == (upsell is None) == (not rates.decided_amount)
        if pure is not None and upsell is not None:
            assert 0 <= pure <= min(Fraction(1), upsell)
            assert sure(bounds.amount_low) <= pure <= sure(bounds.amount_high) <= 1
        if rates.logo_renewal_rate is not None:
            assert (
                0 <= sure(bounds.logo_low) <= rates.logo_renewal_rate <= sure(bounds.logo_high) <= 1
            )
    gone = rates_of(found.excluded)
    assert sure(found.adjusted.due_amount) == sure(found.raw.due_amount) - sure(gone.due_amount)
    assert sure(found.adjusted.kept_amount) == sure(found.raw.kept_amount) - sure(gone.kept_amount)
    assert len(found.adjusted_items) == len(found.items) - len(found.excluded)


@given(ledgers())
@settings(max_examples=150, deadline=None)
def test_once_all_is_decided_the_rates_lie_within_the_bounds_of_before(lines):
    """The same knowledge, later: nothing more was signed, so that open items are lost."""
    before, after = at(lines).raw, at(lines, judged_on=TO + 100 * DAY).raw
    assert after.open_customers == 0
    if after.amount_renewal_rate is not None:
        assert before.bounds.amount_low == after.amount_renewal_rate
    if after.logo_renewal_rate is not None:
        assert before.bounds.logo_low == after.logo_renewal_rate


@given(ledgers(), ledgers())
@settings(max_examples=150, deadline=None)
def test_what_is_recorded_after_k_changes_nothing_at_k(lines, later):
    after = moment(KNOWN + DAY)
    news = [replace(it, recorded_at=max(it.recorded_at, after)) for it in later]
    voids = [replace(it, void=True, recorded_at=after) for it in lines]
    assert at([*lines, *news, *voids]) == at(lines)


@given(ledgers(), some.randoms(), some.integers(1, 99))
@settings(max_examples=150, deadline=None)
def test_order_and_splitting_of_lines_change_nothing(lines, random, percent):
    share = Fraction(percent, 100)
    split = [
        part
        for line in random.sample(lines, len(lines))
        for part in (
            replace(line, amount=line.amount * share if line.amount else line.amount),
            replace(line, line=f"{line.line}b", amount=line.amount and line.amount * (1 - share)),
        )
    ]
    assert told(at(split).items) == told(at(lines).items)


@given(ledgers(), some.integers(2, 50))
@settings(max_examples=100, deadline=None)
def test_the_unit_of_money_changes_no_rate(lines, factor):
    scaled = [replace(it, amount=it.amount and it.amount * factor) for it in lines]
    one, other = at(lines).raw, at(scaled).raw
    assert one.bounds == other.bounds
    assert one.amount_renewal_rate_with_upsell == other.amount_renewal_rate_with_upsell


@given(ledgers())
@settings(max_examples=100, deadline=None)
def test_segments_and_sub_periods_add_up(lines):
    items = at(lines).items
    whole = rates_of(items)
    for parts in (
        by_segment(items, lambda item: item.customer_id % 2).values(),
        by_segment(items, lambda item: item.due_on < date(2025, 1, 1)).values(),
    ):
        for name in ("due_amount", "decided_amount", "kept_amount", "renewed_amount"):
            assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    customers = by_segment(items, lambda item: item.customer_id).values()
    assert sum(part.due_customers for part in customers) == whole.due_customers
    for item in items:
        assert sum(item.due_by_product.values()) == item.due_amount
        assert sum(item.renewed_by_product.values()) == item.renewed_amount
        assert bool(item.renewed_by) == (item.outcome in RENEWED)
