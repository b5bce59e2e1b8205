"""What people decide about every figure: definitions (口径) and exchange rates. Append-only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from perennial.revenue.models import Definition, FxRate
from perennial.revenue.queries.clock import FIXED, definitions_at
from perennial.revenue.rules.definitions import with_values
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence


@transaction.atomic
def define(name: str, *, value: str, by: User | None, at: datetime) -> Definition:
    """From now on the setting `name` has this value (as text). Raises InputRefused for a name or
    value that does not exist, and when it is so already."""
    before = definitions_at()
    if name == FIXED:
        raise InputRefused(
            sentence("The currency is a setting of the installation: PERENNIAL_CURRENCY."),
            code="fixed_setting",
        )
    after = with_values(before, {name: value})
    if after == before:
        raise InputRefused(sentence("It is defined so already."), code="unchanged")
    kept = Definition.objects.create(
        name=name, value=value.strip().lower(), recorded_at=at, recorded_by=by
    )
    record(
        "definition_changed",
        object_type="definition",
        object_id=name,
        summary=name,
        detail={"before": before.as_dict()[name], "after": after.as_dict()[name]},
        by=by,
        at=at,
    )
    return kept


@transaction.atomic
def set_rate(
    currency: str,
    *,
    rate: Decimal | None,
    effective_on: date | None = None,
    by: User | None,
    at: datetime,
) -> FxRate:
    """From now on one unit of `currency` is `rate` units of the company's; None withdraws it.
    Without `effective_on` it is the plan rate, else the spot rate from that day on."""
    code = currency.strip().upper()
    _refuse_bad_rate(code, rate)
    into = settings.PERENNIAL_CURRENCY
    same = FxRate.objects.filter(currency=code, into=into, effective_on=effective_on)
    held = same.order_by("-recorded_at", "-pk").first()
    before = held.rate if held else None
    if before == rate:
        raise InputRefused(sentence("It is the rate already."), code="unchanged")
    kept = FxRate.objects.create(
        currency=code, into=into, effective_on=effective_on, rate=rate,
        recorded_at=at, recorded_by=by,
    )  # fmt: skip
    record(
        "rate_changed",
        object_type="rate",
        object_id=code,
        summary=code,
        detail={
            "before": None if before is None else str(before.normalize()),
            "after": None if rate is None else str(rate.normalize()),
            "effective_on": effective_on.isoformat() if effective_on else None,
        },
        by=by,
        at=at,
    )
    return kept


def _refuse_bad_rate(code: str, rate: Decimal | None) -> None:
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise InputRefused(
            sentence("“{value}” is not a currency; use its three letters, such as USD."),
            code="bad_currency",
            params={"value": code},
        )
    if code == settings.PERENNIAL_CURRENCY:
        raise InputRefused(
            sentence("{value} is the company's own currency: its rate is 1."),
            code="own_currency",
            params={"value": code},
        )
    if rate is not None and not (0 < rate < 10**9):
        raise InputRefused(sentence("A rate is a number above zero."), code="bad_rate")
