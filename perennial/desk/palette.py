"""Finding things by name, pinyin or initials, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from perennial.customers.models import Person
from perennial.customers.queries import visible_customers
from perennial.desk.customers import search
from perennial.desk.rows import display_name
from perennial.desk.saved import View, views_for
from perennial.team.access import Page, can, sees_money
from perennial.team.models import User
from perennial.web.navigation import Link, sections

CUSTOMERS, PEOPLE = 8, 5


@dataclass(frozen=True, slots=True)
class Found:
    pk: int
    name: str
    tier: str
    score: float | None
    band: str
    arr: Any


def customers(user: User, text: str) -> list[Found]:
    """Those whose name or pinyin begins with it come before those that only contain it;
    among equals the largest first. Without text: the ones with the most at risk. The order
    would tell amounts too: who sees no money gets the lowest scores first."""
    money = sees_money(user)
    rows = visible_customers(user).filter(search(text, prefix=""))
    begins = Q(name__istartswith=text) | Q(pinyin__istartswith=text) | Q(name_en__istartswith=text)
    size = F("figures__arr" if text else "figures__money_at_risk").desc(nulls_last=True)
    size = size if money else F("figures__score").asc(nulls_last=True)
    shown = rows.annotate(
        place=Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())
    ).order_by("place", size, "name")
    columns = ("pk", "name", "name_en", "tier", "figures__score", "figures__band", "figures__arr")
    return [
        Found(pk, display_name(name, name_en), tier, score, band or "", arr if money else None)
        for pk, name, name_en, tier, score, band, arr in shown.values_list(*columns)[:CUSTOMERS]
    ]


def people(user: User, text: str) -> list[Person]:
    """People at visible customers; nobody without text."""
    if not text:
        return []
    found = Person.objects.filter(customer__in=visible_customers(user), to_on__isnull=True)
    named = found.filter(Q(name__icontains=text) | Q(email__istartswith=text))
    return list(named.select_related("customer").order_by("name", "pk")[:PEOPLE])


def views(user: User, text: str) -> list[View]:
    return [view for view in views_for(user) if matches(text, str(view.title))]


def pages(user: User, text: str) -> list[Link]:
    """The main menu, as far as the user may open it."""

    def may(page: str) -> bool:
        return can(user, Page(page))

    shown = [link for section in sections("", may=may) for link in section.links]
    return [link for link in shown if matches(text, str(link.label))]


@dataclass(frozen=True, slots=True)
class Command:
    title: str
    icon: str
    key: str = ""
    sheet: str = ""  # address of a form that opens here
    href: str = ""
    opens_keys: bool = False


def commands(user: User, text: str) -> list[Command]:
    every: tuple[tuple[Callable[[], bool], Command], ...] = (
        (
            lambda: can(user, Page.EDIT_CUSTOMERS),
            Command(_("Log a touch"), "note", "L", sheet=reverse("desk:touch_any")),
        ),
        (lambda: True, Command(_("Keyboard shortcuts"), "keyboard", "?", opens_keys=True)),
    )
    return [command for may, command in every if may() and matches(text, command.title)]


def matches(text: str, title: str) -> bool:
    return text.lower() in title.lower()
