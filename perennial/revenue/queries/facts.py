"""What the arithmetic stands on besides the ledger: arrears, and the definitions of the kept
changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from django.conf import settings
from django.db.models import F, Q

from perennial.contracts.models import Invoice
from perennial.customers.queries import standing
from perennial.revenue.queries.clock import definitions_at, moment_after, rates_at
from perennial.revenue.rules.arrears import Arrears, arrears, first_known, spans
from perennial.revenue.rules.definitions import Definitions, FxPolicy, Level
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.service import Span
from perennial.units.moment import business_day

RULES_VERSION = 4  # raise it when revenue/rules change: the day then redoes every customer
STATES = (
    "currency", "churn_recognition", "reactivation_window_days", "discounts", "pause_policy",
    "delinquent_after_days", "usage_revenue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice as far as it was known."""

    customer_id: int
    amount: Decimal
    due_on: date
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the kept changes are made with: customer level, plan rates, everything else as it is
    defined now. `lost` holds the spans of arrears by customer."""

    definitions: Definitions
    rates: Rates
    lost: dict[int, list[Span]]

    @property
    def shared(self) -> str:
        """The part of every mark that says which definitions, rates and rules were used."""
        used = {name: self.definitions.as_dict()[name] for name in STATES}
        return _short((RULES_VERSION, sorted(used.items()), sorted(self.rates.plan.items())))

    def mark(self, customer_id: int, ledger: str) -> str:
        """A text that changes when the changes of this customer would."""
        late = self.lost.get(customer_id, ())
        return f"{ledger}-{self.shared}" + (f"-{_short(late)}" if late else "")


def basis() -> Basis:
    """As it stands now."""
    definitions = definitions_at()
    late = arrears_at(definitions, known_on=None)
    plain = replace(definitions, level=Level.CUSTOMER, fx=FxPolicy.PLAN)
    return Basis(plain, rates_at(), spans(late))


def arrears_at(definitions: Definitions, *, known_on: date | None) -> list[Arrears]:
    """When customers count as lost for not paying, as known by the end of `known_on`: a payment
    after it had not come yet."""
    late = Q(paid_on__isnull=True) | Q(paid_on__gt=F("due_on"))
    if known_on is not None:
        late |= Q(paid_on__gt=known_on)
    owed = (
        Invoice.objects.filter(late)
        .order_by("pk")
        .values_list("customer_id", "amount", "due_on", "paid_on", "issued_on", "recorded_at")
    )
    under = standing(moment_after(known_on))
    known = [
        Owed(
            under.get(pk, pk),
            amount,
            due_on,
            paid_on if known_on is None or paid_on <= known_on else None,
        )
        if paid_on
        else Owed(under.get(pk, pk), amount, due_on, None)
        for pk, amount, due_on, paid_on, issued_on, recorded_at in owed
        if known_on is None
        or first_known(issued_on=issued_on, paid_on=paid_on, recorded_on=_day(recorded_at))
        <= known_on
    ]
    return arrears(known, after_days=definitions.delinquent_after_days)


def _day(recorded_at: datetime) -> date:
    return business_day(recorded_at, settings.PERENNIAL_TIME_ZONE)


def _short(parts: Iterable[object]) -> str:
    return sha256(repr(tuple(parts)).encode()).hexdigest()[:12]
