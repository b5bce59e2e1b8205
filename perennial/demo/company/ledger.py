"""The ledger of one customer as the generator writes it: orders, and the service they give."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from perennial.demo.company.model import Agreement, Customer, Line, Order, Service
from perennial.demo.parameters import PRODUCTS, CompanyParameters


@dataclass(frozen=True, slots=True)
class Term:
    """A running term. `order_ids` are the orders that fall due together at its end."""

    start_on: date
    end_on: date
    months: int
    lines: tuple[Line, ...]
    order_ids: tuple[str, ...]

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(slots=True)
class Ledger:
    """Writes the orders of one customer; facts after `end_on` are not known yet."""

    customer: Customer
    rng: Random
    parameters: CompanyParameters
    end_on: date
    numbers: int = 0

    def recorded(self, day: date) -> datetime:
        """Mostly the same or next day; one in twenty comes in weeks later."""
        late = self.rng.randrange(8, 45) if self.rng.random() < 0.05 else self.rng.randrange(0, 3)
        moment = time(self.rng.randrange(9, 18), self.rng.randrange(60))
        return datetime.combine(min(day + timedelta(days=late), self.end_on), moment)

    def next_id(self) -> str:
        self.numbers += 1
        return f"SO-{self.customer.external_id[1:]}-{self.numbers:02d}"

    def sign(
        self,
        kind: str,
        *,
        lines: tuple[Line, ...],
        signed_on: date,
        start_on: date,
        end_on: date | None,
        months: int = 12,
        renews: tuple[str, ...] = (),
        one_off: int | None = None,
    ) -> str | None:
        """One order; None when it is not signed by the last day.

        The first line has the seats; further products are for the same people.
        """
        if signed_on > self.end_on:
            return None
        order_id, recorded_at = self.next_id(), self.recorded(signed_on)
        agreed = self.customer.agreement if kind in ("new", "renewal") and end_on else Agreement()
        for number, line in enumerate(lines or (Line("", 0, 0),), start=1):
            amount = round(line.amount * (months if end_on else 1) / 12) if lines else None
            order = Order(
                order_id=order_id,
                line=number,
                kind=kind,
                product=line.product,
                seats=line.seats if number == 1 and line.seats else None,
                signed_on=signed_on,
                start_on=start_on,
                end_on=end_on,
                recurring_amount=None if kind == "buyout" else amount,
                recorded_at=recorded_at,
                one_off_amount=one_off if number == 1 else None,
                renews=renews,
                auto_renew=agreed.auto_renew,
                notice_days=agreed.notice_days,
            )
            self.customer.orders.append(order)
        return order_id

    def serve(
        self, start_on: date, end_on: date, lines: tuple[Line, ...], *, trial: bool = False
    ) -> None:
        """The customer may use these lines in [start_on, end_on)."""
        sold = {line.product for line in lines}
        products = tuple(product for product in PRODUCTS if product in sold)
        seats = max(line.seats for line in lines)
        self.customer.services.append(Service(start_on, end_on, seats, products, trial))
