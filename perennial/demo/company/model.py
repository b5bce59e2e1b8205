"""What the generator knows about one customer: the story from which every file is written."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from perennial.demo.cast import CastCustomer
from perennial.demo.words import Industry, Pair


def priced(amount: float, *, step: int) -> int:
    """A price as a seller writes it: whole steps of CNY."""
    return round(amount / step) * step


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a term: `amount` CNY a year."""

    product: str
    seats: int
    amount: int


@dataclass(frozen=True, slots=True)
class Order:
    """A row of orders.csv. `end_on` is exclusive; None is open-ended (amount per month)."""

    order_id: str
    line: int
    kind: str
    product: str
    seats: int | None
    signed_on: date
    start_on: date
    end_on: date | None
    recurring_amount: int | Decimal | None
    recorded_at: datetime
    one_off_amount: int | Decimal | None = None
    renews: tuple[str, ...] = ()
    currency: str = "CNY"
    discount_amount: int | Decimal | None = None  # taken off already, until discount_end_on
    discount_end_on: date | None = None
    auto_renew: bool | None = None
    notice_days: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    start_on: date
    end_on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Decline:
    """Usage sinks to 1 − depth over `ramp_days`; it comes back at `recovers_on`, if ever."""

    starts_on: date
    depth: float
    kind: str  # sudden, slow, stop, dip
    ramp_days: int
    recovers_on: date | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The customer may use the product in [start_on, end_on) with these seats and products."""

    start_on: date
    end_on: date
    seats: int
    products: tuple[str, ...]
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """The planted truth of one falling due: with which probability, and what happened."""

    order_id: str
    due_on: date
    probability: float
    renewed: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds for every term of a customer; `notice_days` None: nothing is agreed."""

    auto_renew: bool | None = None
    notice_days: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    outcome: str  # churn or renewal
    occurred_on: date


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with a grade. The same id appears as user_id in the events."""

    external_id: str
    name: Pair
    title: Pair
    email: str
    grade: str
    from_on: date
    to_on: date | None


@dataclass(slots=True)
class Customer:
    """A customer's whole story. Built once, then only read."""

    index: int
    external_id: str
    name: Pair
    short: Pair
    industry: Industry
    city: Pair
    region: Pair
    owner: str
    quality: float
    arr: int
    seats: int
    products: tuple[str, ...]
    first_on: date
    website: str
    tags: tuple[Pair, ...] = ()
    cast: CastCustomer | None = None
    tier: str = "C"
    agreement: Agreement = Agreement()
    orders: list[Order] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    declines: list[Decline] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    renewals: list[Renewal] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    closed_on: date | None = None
