"""The cards of people: the few on the overview, and the tab with map and list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.customers.people.org_map import org_map
from perennial.customers.people.queries import Listed, People, people
from perennial.customers.people.rules.grading import GRADES
from perennial.customers.people.rules.tree import Caution, Node
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.web.panels import Panel

FEW: Final = 10  # on the overview
WIDE: Final = 3  # managers above somebody: the map then takes the whole width
DENSE: Final = 60  # from here on the map and the list say less about each
CAUTIONS: Mapping[Caution, Promise] = {
    Caution.NO_SPONSOR: _("No sponsor: nobody there stands up for us."),
    Caution.NO_DECISION_MAKER: _("No decision maker is marked: who signs the renewal?"),
    Caution.ONE_KNOWN: _("Single-threaded: we know one person only."),
    Caution.ONE_SPOKEN_TO: _("Single-threaded: in half a year we spoke to one person only."),
}


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


def overview(user: User, customer: Customer, _day: date) -> dict[str, Any]:
    """The first few; `more` stand in the tab. As of now: what was just said must be seen."""
    found = people(user, customer, on=_today())
    return {
        "contacts": found.everybody[:FEW],
        "more": max(len(found.everybody) - FEW, 0),
        "cautions": [CAUTIONS[it] for it in found.cautions],
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def whole_tab(user: User, customer: Customer, _day: date) -> dict[str, Any]:
    """Everybody as a map and as a nested list in the same order."""
    found = people(user, customer, on=_today())
    can_edit = can(user, Page.EDIT_CUSTOMERS)
    dense = len(found.everybody) > DENSE
    return {
        "people": found,
        "counts": _counts(found),
        "map": org_map(customer, found, dense=dense, can_edit=can_edit),
        "rows": [(it, node.depth, steps) for it, node, steps in _nested(found)],
        "loose": found.loose,
        "dense": dense,
        "is_wide": any(node.depth >= WIDE for node, _listed in found.placed),
        "cautions": [CAUTIONS[it] for it in found.cautions],
        "can_edit": can_edit,
    }


def _counts(found: People) -> list[tuple[str, int]]:
    grades = [it.person.grade for it in found.here]
    return [(grade, grades.count(grade)) for grade in GRADES if grade in grades]


def _nested(found: People) -> list[tuple[Listed, Node, Mapping[str, range]]]:
    """Each placed person with how many lists open before and close after them."""
    rows: list[tuple[Listed, Node, Mapping[str, range]]] = []
    nodes = [node for node, _listed in found.placed]
    for at, (node, listed) in enumerate(found.placed):
        following = nodes[at + 1].depth if at + 1 < len(nodes) else 0
        opens, closes = range(max(following - node.depth, 0)), range(max(node.depth - following, 0))
        rows.append((listed, node, {"opens": opens, "closes": closes}))
    return rows


PEOPLE = Panel(_("People"), "customers/people/panel.html", overview)
PEOPLE_TAB = Panel(_("People"), "customers/people/tab.html", whole_tab)
