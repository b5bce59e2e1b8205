"""The columns of the customer list: heading, sort, and the address that sorts by it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from perennial.desk.customers import ListState

# sort key, class, whether the first click sorts from high to low
_COLUMNS = (
    ("name", "", False),
    ("score", "", False),
    ("", "", False),
    ("arr", "num", True),
    ("usage", "num", False),
    ("seats", "", False),
    ("renewal", "", False),
    ("nps", "num", True),
    ("touch", "", False),
    ("owner", "", False),
)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    css_class: str
    url: str  # empty: no sort
    aria_sort: str


def columns(state: ListState) -> list[Column]:
    titles = {
        "name": _("Customer"),
        "score": _("Health"),
        "": _("12 weeks"),
        "arr": _("ARR"),
        "usage": _("Usage, 28 d"),
        "seats": _("Seats used"),
        "renewal": _("Renewal"),
        "nps": _("NPS"),
        "touch": _("Last touch"),
        "owner": _("CSM"),
    }
    found = []
    for key, css_class, falls_first in _COLUMNS:
        if key == "arr" and not state.money:
            continue
        now = state.sort.removeprefix("-") == key
        falling = now and state.sort.startswith("-")
        down = not falling if now else falls_first
        url = state.but(sort=f"-{key}" if down else key).url() if key else ""
        aria = ("descending" if falling else "ascending") if now and key else ""
        found.append(Column(titles[key], css_class, url, aria))
    return found
