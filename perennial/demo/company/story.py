"""The life of one customer as a contract partner, term by term.

Each renewal is drawn from a planted probability; usage declines are laid before the lost ones,
so that usage really precedes churn, with churn out of the blue and false dips beside it.
"""

from datetime import date, timedelta
from math import exp, log10
from random import Random

from perennial.demo.company.agreements import notice_lead
from perennial.demo.company.ledger import Ledger, Term
from perennial.demo.company.model import Customer, Decline, Line, Outcome, Renewal, priced
from perennial.demo.company.people import tier_of
from perennial.demo.company.terms import (
    add_on,
    cancel_midway,
    pause,
    reduce,
    renewal_dates,
    renewed_lines,
)
from perennial.demo.parameters import CompanyParameters
from perennial.units.period import add_months

HORIZON_DAYS = 120  # renewals due after the last day whose outcome is drawn already
TERM_MONTHS = ((12, 80), (24, 8), (36, 5), (6, 4), (3, 3))


def write_story(
    customer: Customer, *, rng: Random, parameters: CompanyParameters, end_on: date
) -> None:
    """Fills the customer's orders, services, declines, renewals and outcomes."""
    ledger = Ledger(customer, rng, parameters, end_on)
    if customer.cast is None and _short_story(ledger):
        customer.tier = tier_of(customer.arr)
        return
    _trial(ledger)
    term = _first_term(ledger)
    while term is not None:
        term = _live_through(ledger, term=term)
    _false_dips(ledger)
    _cast_fall(ledger)
    customer.tier = customer.cast.tier if customer.cast else tier_of(customer.arr)


def _short_story(ledger: Ledger) -> bool:
    """Buy-outs, trials that never bought and open-ended contracts; True when it was one."""
    customer, rng, parameters = ledger.customer, ledger.rng, ledger.parameters
    start, lines = customer.first_on, _split(customer, rng=rng)
    signed = start - timedelta(days=rng.randrange(2, 15))
    chance = rng.random()
    if chance < parameters.trial_only_share:
        end = start + timedelta(days=rng.choice((14, 30)))
        free = tuple(Line(line.product, line.seats, 0) for line in lines)
        ledger.sign("trial", lines=free, signed_on=signed, start_on=start, end_on=end)
        ledger.serve(start, end, lines, trial=True)
        return True
    chance -= parameters.trial_only_share
    if chance < parameters.buyout_share:
        price = min(customer.arr * parameters.buyout_years, parameters.buyout_maximum)
        ledger.sign(
            "buyout", lines=lines, signed_on=signed, start_on=start, end_on=None, one_off=price
        )
        ledger.serve(start, ledger.end_on + timedelta(days=HORIZON_DAYS), lines)
        return True
    if chance - parameters.buyout_share < parameters.monthly_share:
        _monthly(ledger, lines=lines, signed=signed)
        return True
    return False


def _monthly(ledger: Ledger, *, lines: tuple[Line, ...], signed: date) -> None:
    """Open-ended, paid by the month; half of them leave some day by a cancellation."""
    customer, rng = ledger.customer, ledger.rng
    order = ledger.sign(
        "new", lines=lines, signed_on=signed, start_on=customer.first_on, end_on=None
    )
    leaves = customer.first_on + timedelta(days=int(rng.expovariate(1 / 900)) + 90)
    if order and leaves <= ledger.end_on:
        notice = leaves - timedelta(days=20)
        ledger.sign(
            "cancellation",
            lines=(),
            signed_on=notice,
            start_on=leaves,
            end_on=None,
            renews=(order,),
        )
        customer.outcomes.append(Outcome("churn", leaves))
        _plant_decline(ledger, before=leaves)
    ledger.serve(customer.first_on, min(leaves, ledger.end_on + timedelta(days=1)), lines)


def _trial(ledger: Ledger) -> None:
    customer, rng = ledger.customer, ledger.rng
    if customer.cast or rng.random() >= ledger.parameters.trial_share:
        return
    start = customer.first_on - timedelta(days=21)
    free = tuple(Line(product, 5, 0) for product in customer.products[:1])
    ledger.sign("trial", lines=free, signed_on=start, start_on=start, end_on=customer.first_on)
    ledger.serve(start, customer.first_on, free, trial=True)


def _split(customer: Customer, *, rng: Random) -> tuple[Line, ...]:
    """The yearly amount over the products: the first is the largest."""
    shares = [1.0, 0.45 + 0.2 * rng.random(), 0.25][: len(customer.products)]
    amounts = [priced(customer.arr * share / sum(shares), step=100) for share in shares]
    amounts[0] += customer.arr - sum(amounts)
    return tuple(
        Line(product, customer.seats if number == 0 else max(2, customer.seats * 2 // 3), amount)
        for number, (product, amount) in enumerate(zip(customer.products, amounts, strict=True))
    )


def _first_term(ledger: Ledger) -> Term | None:
    customer, rng = ledger.customer, ledger.rng
    months = 12
    if customer.cast is None:
        months = rng.choices([m for m, _ in TERM_MONTHS], [w for _, w in TERM_MONTHS])[0]
    start, lines = customer.first_on, _split(customer, rng=rng)
    one_off = None
    if customer.arr > 100_000:
        one_off = priced(customer.arr * rng.uniform(0.12, 0.3), step=1_000)
    return _begin(
        ledger,
        kind="new",
        lines=lines,
        signed_on=start - timedelta(days=rng.randrange(2, 21)),
        start_on=start,
        months=months,
        one_off=one_off,
    )


def _begin(
    ledger: Ledger,
    *,
    kind: str,
    lines: tuple[Line, ...],
    signed_on: date,
    start_on: date,
    months: int,
    renews: tuple[str, ...] = (),
    one_off: int | None = None,
) -> Term | None:
    end_on = add_months(start_on, months)
    order = ledger.sign(
        kind,
        lines=lines,
        signed_on=signed_on,
        start_on=start_on,
        end_on=end_on,
        months=months,
        renews=renews,
        one_off=one_off,
    )
    if order is None:
        return None
    ledger.customer.arr = sum(line.amount for line in lines)
    ledger.customer.seats = max(line.seats for line in lines)
    return Term(start_on, end_on, months, lines, (order,))


def _live_through(ledger: Ledger, *, term: Term) -> Term | None:
    """What happens during the term and at its end; the next term, when there is one."""
    customer, rng = ledger.customer, ledger.rng
    if customer.cast is None:
        term = reduce(ledger, term=add_on(ledger, term=term))
    pause(ledger, term=term)
    left_on = None if customer.cast else cancel_midway(ledger, term=term)
    ledger.serve(term.start_on, left_on or term.end_on, term.lines)
    if left_on:
        return None
    due_on = term.end_on - timedelta(days=1)
    if due_on > ledger.end_on + timedelta(days=HORIZON_DAYS):
        return None
    probability = renewal_probability(customer, parameters=ledger.parameters)
    renewed = rng.random() < probability
    if customer.cast:
        renewed = due_on < ledger.end_on - timedelta(days=60)
    customer.renewals.append(Renewal(term.order_ids[0], due_on, probability, renewed))
    if not renewed:
        return _lose(ledger, term=term)
    return _renew(ledger, term=term)


def renewal_probability(customer: Customer, *, parameters: CompanyParameters) -> float:
    """The planted probability of a renewal: latent quality and size."""
    logit = (
        parameters.renewal_intercept
        + parameters.renewal_quality * customer.quality
        + parameters.renewal_arr * log10(customer.arr / parameters.arr_median)
    )
    return 1 / (1 + exp(-logit))


def _renew(ledger: Ledger, *, term: Term) -> Term | None:
    customer, rng = ledger.customer, ledger.rng
    signed_on, start_on = renewal_dates(ledger, term=term)
    lines = renewed_lines(ledger, term=term)
    months = 12 if rng.random() < 0.9 or customer.cast else 24
    following = _begin(
        ledger,
        kind="renewal",
        lines=lines,
        signed_on=signed_on,
        start_on=start_on,
        months=months,
        renews=term.order_ids,
    )
    if following:
        customer.outcomes.append(Outcome("renewal", term.end_on))
        customer.quality += rng.gauss(0, 0.25)
    return following


def _lose(ledger: Ledger, *, term: Term) -> Term | None:
    """Not renewed. Some come back months later with a new order."""
    customer, rng = ledger.customer, ledger.rng
    if rng.random() < ledger.parameters.warned_share and not customer.cast:
        _plant_decline(ledger, before=term.end_on)
    if customer.agreement.auto_renew:
        _give_notice(ledger, term=term)
    if term.end_on > ledger.end_on:
        return None
    customer.outcomes.append(Outcome("churn", term.end_on))
    back_on = term.end_on + timedelta(days=rng.randrange(60, 240))
    if customer.cast or rng.random() >= ledger.parameters.won_back_share:
        return None
    lines = term.lines[:1]
    customer.quality = max(customer.quality, 0) + 0.4
    signed = back_on - timedelta(days=5)
    return _begin(ledger, kind="new", lines=lines, signed_on=signed, start_on=back_on, months=12)


def _give_notice(ledger: Ledger, *, term: Term) -> None:
    """What renews by itself ends only by notice, given in time."""
    lead = notice_lead(ledger.customer.agreement, rng=ledger.rng)
    ledger.sign(
        "cancellation",
        lines=(),
        signed_on=max(term.end_on - lead, term.start_on),
        start_on=term.end_on,
        end_on=None,
        renews=term.order_ids,
    )


def _plant_decline(ledger: Ledger, *, before: date) -> None:
    """Usage falls some three to seventeen weeks before the customer leaves."""
    rng = ledger.rng
    starts_on = before - timedelta(days=rng.randrange(21, 120))
    kind, depth, ramp = rng.choices(
        [
            ("sudden", rng.uniform(0.5, 0.9), rng.randrange(0, 4)),
            ("slow", rng.uniform(0.5, 0.9), rng.randrange(28, 70)),
            ("stop", 1.0, 0),
        ],
        [4, 5, 2],
    )[0]
    ledger.customer.declines.append(Decline(starts_on, round(depth, 2), kind, ramp))


def _false_dips(ledger: Ledger) -> None:
    """Dips that recover: a reorganisation, a busy season, a sponsor on leave."""
    customer, rng = ledger.customer, ledger.rng
    if customer.cast:
        return
    day = customer.first_on + timedelta(days=60)
    while True:
        day += timedelta(days=int(rng.expovariate(ledger.parameters.false_dip_yearly_rate / 365)))
        if day >= ledger.end_on:
            return
        if not any(each.start_on <= day < each.end_on for each in customer.services):
            continue
        back = day + timedelta(days=rng.randrange(14, 42))
        depth = round(rng.uniform(0.4, 0.75), 2)
        customer.declines.append(Decline(day, depth, "dip", rng.randrange(0, 7), back))


def _cast_fall(ledger: Ledger) -> None:
    cast = ledger.customer.cast
    if cast and cast.fall:
        fall, kind = cast.fall, "sudden"
        if fall.depth == 1:
            kind = "stop"
        elif fall.ramp_days > 14:
            kind = "slow"
        starts_on = ledger.end_on - timedelta(days=fall.days_ago)
        ledger.customer.declines.append(Decline(starts_on, fall.depth, kind, fall.ramp_days))
