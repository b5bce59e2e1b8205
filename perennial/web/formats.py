"""How figures are written, by the language in force: 万/亿 in Chinese, K/M/B in English.

Django's Chinese locale prints no thousands separator and a hyphen for minus, so numbers
are written here. Unknown (None) is a dash, never a zero. Rounding is half up.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

Number = int | float | Decimal | Fraction

UNKNOWN = "–"
MINUS = "−"
SYMBOLS = {"CNY": "\u00a5", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP\u00a5"}
# Each step: what the amount is divided by, decimals, unit.
CHINESE_STEPS = ((Decimal(1), 0, ""), (Decimal(10**4), 1, " 万"), (Decimal(10**8), 2, " 亿"))
ENGLISH_STEPS = (
    (Decimal(1), 0, ""),
    (Decimal(10**3), 1, "K"),
    (Decimal(10**6), 2, "M"),
    (Decimal(10**9), 2, "B"),
)
DAYS_IN_DAYS = 120  # a date nearer than this is told in days, a farther one in months


def chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _decimal(value: Number) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def named(name: str, name_en: str) -> str:
    """A name in the reader's language, where there is one."""
    return name if chinese() or not name_en else name_en


def number(value: Number | None, *, decimals: int = 0) -> str:
    """`1,234` or `−1,234.5`.

    >>> number(-1234.56, decimals=1)
    '−1,234.6'
    """
    if value is None:
        return UNKNOWN
    rounded = _rounded(_decimal(value), decimals)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,}"


def signed(value: Number | None, *, decimals: int = 0) -> str:
    """`+4`, `−5`, `0`: for changes."""
    if value is None:
        return UNKNOWN
    rounded = _rounded(_decimal(value), decimals)
    return (
        f"+{number(rounded, decimals=decimals)}"
        if rounded > 0
        else number(rounded if rounded else 0, decimals=decimals if rounded else 0)
    )


def percent(rate: Number | None, *, decimals: int = 0, sign: bool = False) -> str:
    """A rate of 0–1 as `38%`; with sign as `+38%`."""
    if rate is None:
        return UNKNOWN
    hundred = _decimal(rate) * 100
    text = signed(hundred, decimals=decimals) if sign else number(hundred, decimals=decimals)
    return f"{text}%"


def money(
    amount: Number | None,
    currency: str = "CNY",
    *,
    sign: bool = False,
    exact: bool = False,
    short: bool = False,
) -> str:
    """An amount as people say it: `¥464.7 万` or `¥4.65M`; exact: `¥4,647,123.50`.

    `short` leaves out decimals that are zero: for the labels of an axis.

    >>> from django.utils.translation import override
    >>> with override("zh-hans"):
    ...     money(Decimal(4647000))
    '¥464.7 万'
    """
    if amount is None:
        return UNKNOWN
    value = _decimal(amount)
    symbol = SYMBOLS.get(currency, f"{currency} ")
    size, unit = (f"{_rounded(abs(value), 2):,}", "") if exact else _scaled(abs(value))
    if short and "." in size:
        size = size.rstrip("0").rstrip(".")
    is_nothing = not any(digit in size for digit in "123456789")
    mark = "" if is_nothing else MINUS if value < 0 else "+" if sign else ""
    return f"{mark}{symbol}{size}{unit}"


def _scaled(size: Decimal) -> tuple[str, str]:
    """Digits and unit; what rounds up to the next unit is written in that: 1.00M, not 1,000.0K."""
    steps = CHINESE_STEPS if chinese() else ENGLISH_STEPS
    for (step, decimals, unit), (following, _more, _unit) in pairwise(steps):
        digits = _rounded(size / step, decimals)
        if digits * step < following:
            return f"{digits:,}", unit
    step, decimals, unit = steps[-1]
    return f"{_rounded(size / step, decimals):,}", unit


def day(value: date | datetime | None) -> str:
    """`2026-11-22`, in business time."""
    if value is None:
        return UNKNOWN
    return _business(value).isoformat()


def moment(value: datetime | None) -> str:
    """`2026-11-22 14:05`, in business time."""
    return UNKNOWN if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


def month(value: date | None) -> str:
    """`2026 年 10 月` or `Oct 2026`."""
    if value is None:
        return UNKNOWN
    if chinese():
        return f"{value.year} 年 {value.month} 月"
    return value.strftime("%b %Y")


def _business(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def relative(value: date | datetime | None, *, today: date | None = None) -> str:
    """`today`, `3 d ago`, `in 9 mo`; in business days."""
    if value is None:
        return UNKNOWN
    days = (_business(value) - (today or timezone.localdate())).days
    if days == 0:
        return _("today")
    size = abs(days)
    months = round(size / 30.44)
    if size <= DAYS_IN_DAYS:
        past, future = (
            ngettext("%(count)d d ago", "%(count)d d ago", size),
            ngettext("in %(count)d d", "in %(count)d d", size),
        )
    elif months < 24:
        size = months
        past, future = (
            ngettext("%(count)d mo ago", "%(count)d mo ago", size),
            ngettext("in %(count)d mo", "in %(count)d mo", size),
        )
    else:
        size = round(size / 365.25)
        past, future = (
            ngettext("%(count)d y ago", "%(count)d y ago", size),
            ngettext("in %(count)d y", "in %(count)d y", size),
        )
    return (past if days < 0 else future) % {"count": size}


def due(value: date | None, *, today: date | None = None) -> str:
    """A date that binds: overdue ones say so."""
    if value is None:
        return UNKNOWN
    days = (value - (today or timezone.localdate())).days
    if days < 0:
        late = -days
        return ngettext("%(count)d d overdue", "%(count)d d overdue", late) % {"count": late}
    return relative(value, today=today)


def ago(value: date | datetime | None, *, now: datetime | None = None) -> str:
    """How long ago; moments of the last day in minutes and hours. None: never."""
    if value is None:
        return pgettext("time", "never")
    if isinstance(value, datetime):
        seconds = ((now or timezone.now()) - value).total_seconds()
        if 0 <= seconds < 3600:
            minutes = max(1, int(seconds // 60))
            return ngettext("%(count)d min ago", "%(count)d min ago", minutes) % {"count": minutes}
        if 0 <= seconds < 24 * 3600:
            hours = int(seconds // 3600)
            return ngettext("%(count)d h ago", "%(count)d h ago", hours) % {"count": hours}
    return relative(value, today=timezone.localtime(now).date() if now else None)
