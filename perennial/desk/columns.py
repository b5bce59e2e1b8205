"""The columns of the customer list: which there are, which are shown, and how each cell looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from perennial.desk.customers import ListState
from perennial.desk.shown_columns import DEFAULT, MONEY, MOST, NAME
from perennial.web.templatetags.ui import health_pill, icon, meter, sparkline

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A column: heading, class of its cells, how a cell looks. `sorts`: by its own key;
    `falls_first`: the first click sorts from high to low; `labelled`: a card says its title."""

    title: str | Promise
    cell: Callable[[Row], SafeString | str]
    css_class: str = ""
    sorts: bool = True
    falls_first: bool = False
    labelled: bool = False
    tone: str = ""  # the row's entry with a class for the cell


def _health(row: Row) -> SafeString:
    pill = health_pill(row["score"], row["band"])
    change = format_html('<span class="dl {}">{}</span>', row["change_tone"], row["change"])
    why = ""
    if row.get("why"):
        why = format_html(
            '<small class="sub why"><a href="{}">{}</a></small>', row["why_url"], row["why"]
        )
    return format_html("{}{}{}", pill, change if row["change"] else "", why)


def _seats(row: Row) -> SafeString:
    drawn = meter(row["seats_used"], row["seats_bought"]) if row["seats_bought"] else ""
    return format_html("{}<small>{}</small>", drawn, row["seats"])


def _renewal(row: Row) -> SafeString:
    renewed = format_html(" ✓ {}", _("renewed")) if row["renewed"] else ""
    return format_html(
        '<span class="rn {}">{}</span><small class="sub">{}{}</small>',
        row["due_tone"],
        row["due"],
        row["due_on"],
        renewed,
    )


def _touch(row: Row) -> SafeString:
    if not row["can_act"]:
        return format_html('<span class="{}">{}</span>', row["touch_tone"], row["touch"])
    return format_html(
        '<a class="quiet {0}" href="{1}touch/" data-sheet="{1}touch/" data-key="l" title="{2}">'
        "{3}</a>",
        row["touch_tone"],
        row["url"],
        _("Log a touch"),
        row["touch"],
    )


def _owner(row: Row) -> SafeString | str:
    if not row["assign_url"]:
        return str(row["owner"])
    return format_html(
        '<a class="quiet" href="{0}" data-sheet="{0}" title="{1}">{2}</a>',
        row["assign_url"],
        _("Assign CSM"),
        row["owner"] or icon("user-check"),
    )


def _tags(row: Row) -> SafeString:
    return format_html_join(" ", '<span class="tag">{}</span>', ((it,) for it in row["tags"]))


COLUMNS: dict[str, Kept] = {
    NAME: Kept(gettext_lazy("Customer"), lambda _row: ""),
    "score": Kept(gettext_lazy("Health"), _health, labelled=True),
    "trend": Kept(
        gettext_lazy("12 weeks"),
        lambda row: sparkline(row["trend"], row["tone"]),
        "off",
        sorts=False,
    ),
    "arr": Kept(
        gettext_lazy("ARR"), lambda row: row["arr"], "num", falls_first=True, labelled=True
    ),
    "usage": Kept(
        gettext_lazy("Usage, 28 d"),
        lambda row: row["usage"],
        "num",
        labelled=True,
        tone="usage_tone",
    ),
    "seats": Kept(gettext_lazy("Seats used"), _seats, "su off"),
    "renewal": Kept(gettext_lazy("Renewal"), _renewal, labelled=True),
    "nps": Kept(
        gettext_lazy("NPS"), lambda row: row["nps"], "num off", falls_first=True, tone="nps_tone"
    ),
    "touch": Kept(gettext_lazy("Last touch"), _touch, labelled=True),
    "owner": Kept(gettext_lazy("CSM"), _owner, "off"),
    "tickets": Kept(
        gettext_lazy("Open tickets"), lambda row: row["tickets"] or "", "num off", falls_first=True
    ),
    "at_risk": Kept(
        gettext_lazy("Money at risk"), lambda row: row["at_risk"], "num off", falls_first=True
    ),
    "seen": Kept(gettext_lazy("Last seen"), lambda row: row["seen"], "off"),
    "since": Kept(gettext_lazy("Customer since"), lambda row: row["since"], "off"),
    "alerts": Kept(
        gettext_lazy("Open alerts"), lambda row: row["alerts"] or "", "num off", falls_first=True
    ),
    "tags": Kept(_p("customer", "Tags"), _tags, "off", sorts=False),
    "size": Kept(gettext_lazy("Size"), lambda row: row["size"], "off", sorts=False),
}


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    css_class: str
    url: str  # empty: no sort
    aria_sort: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A column in the chooser."""

    key: str
    title: str | Promise
    is_on: bool


def columns(state: ListState) -> list[Column]:
    found = []
    for key in state.columns:
        kept = COLUMNS[key]
        now = state.sort.removeprefix("-") == key
        falling = now and state.sort.startswith("-")
        down = not falling if now else kept.falls_first
        url = state.but(sort=f"-{key}" if down else key).url() if kept.sorts else ""
        aria = ("descending" if falling else "ascending") if now and kept.sorts else ""
        css_class = "num" if kept.css_class.startswith("num") else ""
        found.append(Column(str(kept.title), css_class, url, aria))
    return found


def cells(rows: Sequence[dict[str, Any]], state: ListState) -> list[dict[str, Any]]:
    """The rows with their cells after the name: class, title on a card, what stands there."""
    kept = [COLUMNS[key] for key in state.columns if key != NAME]
    titles = [str(it.title) if it.labelled else "" for it in kept]
    for row in rows:
        row["cells"] = [
            (f"{it.css_class} {row[it.tone]}" if it.tone else it.css_class, title, it.cell(row))
            for it, title in zip(kept, titles, strict=True)
        ]
    return list(rows)


def choices(state: ListState) -> list[Choice]:
    """What the chooser offers: the shown ones first, in their order."""
    rest = [
        key for key in COLUMNS if key not in state.columns and (state.money or key not in MONEY)
    ]
    return [
        Choice(key, COLUMNS[key].title, key in state.columns)
        for key in (*state.columns, *rest)
        if key != NAME
    ]


__all__ = ["COLUMNS", "DEFAULT", "MOST", "cells", "choices", "columns"]
