"""Numbers as people type them on the command line, read exactly."""

from __future__ import annotations

from fractions import Fraction

import click
from django.utils.translation import gettext as _

from perennial.units.money import parse_amount


class AmountType(click.ParamType[Fraction]):
    """`30000`, `30,000.50`, `¥30000` as a Fraction; not below `least`."""

    name = "amount"

    def __init__(self, *, least: Fraction | None = None) -> None:
        self.least = least

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        if isinstance(value, Fraction):
            return value
        try:
            found = Fraction(parse_amount(str(value)))
        except ValueError:
            self.fail(_("“{value}” is no amount.").format(value=value), param, ctx)
        if self.least is not None and found < self.least:
            self.fail(_("{value} is too small.").format(value=value), param, ctx)
        return found


class ShareType(click.ParamType[Fraction]):
    """`0.8`, `.8` or `80%` as a Fraction within [least, most]."""

    name = "share"

    def __init__(self, *, least: Fraction | None = None, most: Fraction | None = None) -> None:
        self.least, self.most = least, most

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        if isinstance(value, Fraction):
            return value
        text = str(value).strip()
        number = text.removesuffix("%").removesuffix("％").strip()
        try:
            found = Fraction(parse_amount(number))
        except ValueError:
            text = _("“{value}” is no share. Write 0.8 or 80%.")
            self.fail(text.format(value=value), param, ctx)
        if number != text:
            found /= 100
        if self.least is not None and found < self.least:
            self.fail(_("{value} is too small.").format(value=value), param, ctx)
        if self.most is not None and found > self.most:
            self.fail(_("{value} is too large.").format(value=value), param, ctx)
        return found


class SharesType(click.ParamType[tuple[Fraction, ...]]):
    """`0.5,0.8` or `50%,80%` as a tuple of Fractions."""

    name = "shares"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Fraction, ...]:
        if isinstance(value, tuple):
            return value
        parts = str(value).replace("，", ",").split(",")
        return tuple(ShareType().convert(it, param, ctx) for it in parts)


AMOUNT, SHARE, SHARES = AmountType(), ShareType(), SharesType()
COST = AmountType(least=Fraction(0))
MARGIN = ShareType(most=Fraction(1))  # below zero: sold at a loss
DISCOUNT = ShareType(least=Fraction(0))
