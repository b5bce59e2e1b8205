"""The picture of what became of the due items: renewed, open and lost, by customers and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.revenue.rules.renewal import RenewalRates
from perennial.web.charts.svg import element, figure, joined, text
from perennial.web.formats import percent

WIDTH, LEFT, RIGHT = 420, 66, 2
ROW, BAR = 44, 16
NARROW, WIDE = 24, 74  # below: no words, only the figure


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar, as a share of all; `href` opens what is behind it."""

    share: Fraction
    tone: str
    href: str
    told: str
    figure: str


@dataclass(frozen=True, slots=True)
class Row:
    """One bar: renewed, open, lost in this order, so that the open part is the range that is
    still possible."""

    label: str
    parts: Sequence[Part]


def outcome_bars(rates: RenewalRates, *, href: str) -> SafeString:
    """Both bars of a report; `href` is completed by a status. Money is left out when unknown."""
    rows = [_row(_("Customers"), _customers(rates), href)]
    if (money := _money(rates)) is not None:
        rows.append(_row(pgettext("bar", "Money"), money, href))
    drawn = joined(piece for index, row in enumerate(rows) for piece in _drawn(row, index * ROW))
    title = _("What became of it")
    return figure(
        "outcomes",
        WIDTH,
        len(rows) * ROW - 8,
        drawn,
        title=title,
        description=_told(rows),
        has_links=True,
    )


Shares = tuple[Fraction, Fraction, Fraction]


def _customers(rates: RenewalRates) -> Shares:
    whole = Fraction(rates.due_customers or 1)
    return (
        rates.renewed_customers / whole,
        rates.open_customers / whole,
        rates.lost_customers / whole,
    )


def _money(rates: RenewalRates) -> Shares | None:
    kept, still, due = rates.kept_amount, rates.open_amount, rates.due_amount
    if kept is None or still is None or not due:
        return None
    return kept / due, still / due, (due - still - kept) / due


def _row(label: str, shares: Shares, href: str) -> Row:
    words = (
        ("good", "renewed", pgettext("part of a bar", "renewed")),
        ("warn", "pending", pgettext("part of a bar", "open")),
        ("bad", "lost", pgettext("part of a bar", "lost")),
    )
    return Row(
        label,
        [
            _part(share, tone, f"{href}{status}", word)
            for share, (tone, status, word) in zip(shares, words, strict=True)
            if share > 0
        ],
    )


def _part(share: Fraction, tone: str, href: str, word: str) -> Part:
    shown = percent(share, decimals=1)
    return Part(share, tone, href, f"{word} {shown}", shown)


def _drawn(row: Row, top: int) -> list[SafeString]:
    pieces = [text(LEFT - 10, top + 12, row.label, "al", "end")]
    reach = WIDTH - LEFT - RIGHT
    at = float(LEFT)
    for part in row.parts:
        width = float(part.share) * reach
        box = {"x": at, "y": top, "width": max(1.0, width - 1.5), "height": BAR, "rx": 2}
        bar = element("rect", {"class": part.tone, **box}, element("title", {}, part.told))
        pieces.append(element("a", {"href": part.href}, bar))
        if width > NARROW:
            told = part.told if width > WIDE else part.figure
            pieces.append(text(at, top + BAR + 13, told, f"ax {part.tone}", "start"))
        at += width
    return pieces


def _told(rows: Sequence[Row]) -> str:
    return "; ".join(f"{row.label}: " + ", ".join(part.told for part in row.parts) for row in rows)
