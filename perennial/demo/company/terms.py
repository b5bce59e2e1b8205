"""What may happen to a term: add-ons, reductions, pauses, leaving midway, and its renewal."""

from dataclasses import replace
from datetime import date, timedelta

from perennial.demo.company.ledger import Ledger, Term
from perennial.demo.company.model import Decline, Line, Outcome, Pause, priced
from perennial.demo.parameters import PRODUCTS
from perennial.units.period import add_months, term_months

MINIMUM_DAYS = 150  # shorter terms are left alone


def _inside(ledger: Ledger, *, term: Term, yearly_rate: float) -> date | None:
    """A day well inside the term on which a thing of that yearly rate happens, if it does."""
    days = (term.end_on - term.start_on).days
    if days < MINIMUM_DAYS or ledger.rng.random() >= yearly_rate * days / 365:
        return None
    day = term.start_on + timedelta(days=ledger.rng.randrange(60, days - 60))
    return day if day <= ledger.end_on else None


def add_on(ledger: Ledger, *, term: Term) -> Term:
    """More seats, co-termed with the running order."""
    happy = 1 + max(ledger.customer.quality, -0.6)
    day = _inside(ledger, term=term, yearly_rate=ledger.parameters.addon_yearly_rate * happy)
    if day is None:
        return term
    day, first = _billing_day(term, day), term.lines[0]
    seats = max(1, round(first.seats * ledger.rng.uniform(0.1, 0.4)))
    line = _priced_by_month(first, seats=seats, term=term, day=day)
    order = ledger.sign(
        "addon",
        lines=(_prorated(line, term=term, day=day),),
        signed_on=day - timedelta(days=ledger.rng.randrange(1, 10)),
        start_on=day,
        end_on=term.end_on,
    )
    if order is None:
        return term
    grown = replace(first, seats=first.seats + seats, amount=first.amount + line.amount)
    ledger.serve(term.start_on, day, term.lines)
    return replace(
        term,
        start_on=day,
        lines=(grown, *term.lines[1:]),
        order_ids=(*term.order_ids, order),
    )


def _billing_day(term: Term, day: date) -> date:
    """What changes within a term does so from a month of it on: the last that began by `day`."""
    return add_months(term.start_on, int(term_months(term.start_on, day)))


def _priced_by_month(first: Line, *, seats: int, term: Term, day: date) -> Line:
    """Seats at the price of the others, whole CNY a month: the rest of the term costs a whole
    amount, whose yearly sum is exact again."""
    step = 12 * term_months(day, term.end_on).denominator
    return Line(
        first.product, seats, max(step, priced(first.amount * seats / first.seats, step=step))
    )


def _prorated(line: Line, *, term: Term, day: date) -> Line:
    """The amount for the rest of the term; Ledger.sign takes it as a year's."""
    return replace(line, amount=int(line.amount * term_months(day, term.end_on) / 12))


def reduce(ledger: Ledger, *, term: Term) -> Term:
    """A reduction agreed inside the term: a negative order over the rest of it."""
    day = _inside(ledger, term=term, yearly_rate=ledger.parameters.downsell_yearly_rate)
    if day is None:
        return term
    day, first = _billing_day(term, day), term.lines[0]
    seats = max(1, round(first.seats * 0.25))
    line = _priced_by_month(first, seats=seats, term=term, day=day)
    less = replace(line, amount=-line.amount)
    order = ledger.sign(
        "downsell",
        lines=(_prorated(less, term=term, day=day),),
        signed_on=day - timedelta(days=4),
        start_on=day,
        end_on=term.end_on,
        renews=term.order_ids[:1],
    )
    if order is None:
        return term
    kept = replace(first, seats=max(1, first.seats - seats), amount=first.amount + less.amount)
    return replace(term, lines=(kept, *term.lines[1:]))


def pause(ledger: Ledger, *, term: Term) -> None:
    """Service rests for some weeks, mostly for the season."""
    customer, cast = ledger.customer, ledger.customer.cast
    if cast:
        if cast.paused_days_ago is None:
            return
        day: date | None = ledger.end_on - timedelta(days=cast.paused_days_ago)
        days = 75
    else:
        day = _inside(ledger, term=term, yearly_rate=ledger.parameters.pause_yearly_rate)
        days = ledger.rng.randrange(30, 90)
    if day is None or not term.start_on <= day < term.end_on:
        return
    ends = min(day + timedelta(days=days), term.end_on)
    if ends <= day:
        return
    recorded_at = ledger.recorded(day - timedelta(days=3))
    customer.pauses.append(Pause(day, ends, recorded_at))
    customer.declines.append(Decline(day, 0.97, "pause", 1, ends))


def cancel_midway(ledger: Ledger, *, term: Term) -> date | None:
    """The company closes down (倒闭), by the rate of its industry; the first day without."""
    customer, rng = ledger.customer, ledger.rng
    day = _inside(ledger, term=term, yearly_rate=customer.industry.closure_rate)
    if day is None:
        return None
    ledger.sign(
        "cancellation",
        lines=(),
        signed_on=day - timedelta(days=rng.randrange(0, 12)),
        start_on=day,
        end_on=None,
        renews=term.order_ids,
    )
    customer.closed_on = day
    customer.outcomes.append(Outcome("churn", day))
    starts_on = day - timedelta(days=rng.randrange(20, 60))
    customer.declines.append(Decline(starts_on, 0.85, "slow", 25))
    return day


def renewal_dates(ledger: Ledger, *, term: Term) -> tuple[date, date]:
    """(signed, starts): early, late within the grace, or in the last month."""
    rng, parameters = ledger.rng, ledger.parameters
    due_on, chance = term.end_on - timedelta(days=1), rng.random()
    if ledger.customer.cast:
        return due_on - timedelta(days=12), term.end_on
    if ledger.customer.agreement.auto_renew:
        return due_on - timedelta(days=ledger.customer.agreement.notice_days or 0), term.end_on
    if chance < parameters.early_share:
        signed_on = due_on - timedelta(days=rng.randrange(32, 75))
        starts_early = rng.random() < 0.2 and (term.end_on - term.start_on).days > 180
        return signed_on, signed_on + timedelta(days=5) if starts_early else term.end_on
    if chance < parameters.early_share + parameters.late_share:
        signed_on = due_on + timedelta(days=rng.randrange(1, 28))
        return signed_on, signed_on if rng.random() < 0.3 else term.end_on
    return due_on - timedelta(days=rng.randrange(0, 29)), term.end_on


def renewed_lines(ledger: Ledger, *, term: Term) -> tuple[Line, ...]:
    """Flat, more, dearer, less, or without one of the products."""
    rng, parameters, cast = ledger.rng, ledger.parameters, ledger.customer.cast
    if cast:
        return _scaled(term.lines, seats=1 + cast.grows_rate, price=1.0)
    chance = rng.random() - 0.12 * ledger.customer.quality
    for share, change in (
        (parameters.upsell_share, (1 + rng.uniform(0.05, 0.55), 1.0)),
        (parameters.price_rise_share, (1.0, 1 + rng.uniform(0.03, 0.09))),
    ):
        if chance < share:
            return _scaled(_cross_sold(ledger, lines=term.lines), seats=change[0], price=change[1])
        chance -= share
    if (
        chance
        > 1 - parameters.upsell_share - parameters.price_rise_share - parameters.downsell_share
    ):
        return _scaled(term.lines, seats=1 - rng.uniform(0.1, 0.45), price=1.0)
    if len(term.lines) > 1 and rng.random() < parameters.partial_share * 2:
        return term.lines[:1]
    return term.lines


def _cross_sold(ledger: Ledger, *, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """One more product in one upsell of four."""
    missing = [product for product in PRODUCTS if product not in {line.product for line in lines}]
    if not missing or ledger.rng.random() > 0.25:
        return lines
    first = lines[0]
    return (
        *lines,
        Line(missing[0], max(2, first.seats // 2), priced(first.amount * 0.35, step=100)),
    )


def _scaled(lines: tuple[Line, ...], *, seats: float, price: float) -> tuple[Line, ...]:
    return tuple(
        Line(
            line.product,
            max(1, round(line.seats * seats)),
            max(1_000, priced(line.amount * seats * price, step=100)),
        )
        for line in lines
    )
