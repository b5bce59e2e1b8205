"""The tabs, boxes, chips and columns above the list of calls to action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from perennial.customers.queries import visible_customers
from perennial.team.models import Team, User
from perennial.web.formats import named
from perennial.work.listing import DUE, TABS, ListState, playbooks_running
from perennial.work.models import Lane, Priority, Reason, State, Type

TITLES: Mapping[str, Promise] = {
    "state": pgettext_lazy("call to action", "State"),
    "type": gettext_lazy("Type"),
    "reason": gettext_lazy("Reason"),
    "lane": pgettext_lazy("call to action", "Lane"),
    "priority": gettext_lazy("Priority"),
    "due": gettext_lazy("Due"),
    "owner": gettext_lazy("Owner"),
    "team": gettext_lazy("Department"),
    "playbook": gettext_lazy("Playbook"),
    "customer": gettext_lazy("Customer"),
}
FIXED: Mapping[str, list[tuple[str, str | Promise]]] = {
    "state": [(it.value, it.label) for it in State if it != State.DONE],
    "type": list(Type.choices),
    "reason": list(Reason.choices),
    "lane": list(Lane.choices),
    "priority": [(str(value), label) for value, label in Priority.choices],
    "due": list(DUE.items()),
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    title: str
    options: tuple[Option, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Tab:
    title: str
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    title: str
    value: str
    url: str  # of the list without it


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    url: str = ""
    css_class: str = ""
    aria_sort: str = ""


def tabs(state: ListState, counts: Mapping[str, int]) -> list[Tab]:
    return [
        Tab(str(title), ListState(tab=key).url(), counts[key], key == state.tab)
        for key, title in TABS.items()
    ]


def facets(user: User, state: ListState) -> list[Facet]:
    """The boxes with something to choose; the customer is chosen by a link, not here."""
    found = []
    for name, title in TITLES.items():
        if name == "customer":
            continue
        on = state.chosen.get(name, ())
        listed = [(value, str(word)) for value, word in _choices(name, user)]
        options = tuple(Option(value, word, value in on) for value, word in listed)
        if len(options) > 1 or on:
            found.append(Facet(name, str(title), options, len(on)))
    return found


def _choices(name: str, user: User) -> list[tuple[str, str | Promise]]:
    if name == "owner":
        nobody = ("none", pgettext("owner", "unassigned"))
        return [*((str(pk), it) for pk, it in _owners(user).items()), nobody]
    if name == "team":
        return [(str(it.pk), it.name) for it in Team.objects.order_by("name")]
    if name == "playbook":
        return list(playbooks_running(user))
    return list(FIXED[name])


def _owners(user: User) -> dict[int, str]:
    """Who owns customers that this user sees, and the user."""
    theirs = visible_customers(user).filter(owner=OuterRef("pk"))
    owning = User.objects.filter(Exists(theirs)) | User.objects.filter(pk=user.pk)
    return dict(owning.order_by("name").values_list("pk", "name"))


def chips(user: User, state: ListState) -> list[Chip]:
    """What the filter says, part by part."""
    found = []
    for name, values in state.chosen.items():
        known = {value: str(word) for value, word in _known(name, user, values)}
        for value in values:
            url = state.without(name, value).url()
            found.append(Chip(str(TITLES[name]), known.get(value, value), url))
    return found


def _known(name: str, user: User, values: tuple[str, ...]) -> list[tuple[str, str | Promise]]:
    if name != "customer":
        return _choices(name, user)
    ids = [int(it) for it in values if it != "none"]
    seen = visible_customers(user).filter(pk__in=ids).values_list("pk", "name", "name_en")
    return [(str(pk), named(name, name_en)) for pk, name, name_en in seen]


def columns(state: ListState, *, money: bool) -> list[Column]:
    """The heads of the table; those that sort say how they do."""
    plan = [
        ("rank", _("What"), ""),
        ("customer", _("Customer"), ""),
        ("priority", _("Type"), "off"),
        ("due", _("Due"), ""),
        ("", pgettext("call to action", "State"), ""),
        ("", _("Owner"), ""),
    ]
    heads = [_column(state, key, title, css_class) for key, title, css_class in plan]
    return heads + ([Column(_("At stake"), css_class="num")] if money else [])


def _column(state: ListState, key: str, title: str, css_class: str) -> Column:
    if not key:
        return Column(title, css_class=css_class)
    falls_first = key in {"rank", "raised", "closed"}
    now = state.sort or ("-closed" if state.tab == "closed" else "-rank")
    rising, falling = key, f"-{key}"
    turn = {rising: falling, falling: rising}.get(now, falling if falls_first else rising)
    aria = {rising: "ascending", falling: "descending"}.get(now, "")
    return Column(title, state.sorted_by(turn).url(), css_class, aria)
