"""Finding things by name, pinyin or initials, the likeliest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.urls import reverse
from django.utils.translation import gettext as _

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Person
from perennial.customers.pinyin import mixed_keys
from perennial.customers.queries import STANDS_AT, visible_customers, visible_records
from perennial.customers.segments.queries import segments_for
from perennial.customers.segments.reading import SEGMENT
from perennial.desk.customers import search
from perennial.desk.fields import fields_for
from perennial.desk.rows import display_name
from perennial.desk.saved import View, views_for
from perennial.team.access import Page, Scope, can, scope, sees_money
from perennial.team.models import User
from perennial.web.navigation import Link, sections

CUSTOMERS, PEOPLE, ORDERS, SEGMENTS = 8, 5, 4, 5
CANDIDATES = 100  # people looked at for those few


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
    """People at visible customers; nobody without text. Who begins with it first (name, typed
    letters, e-mail), then, when these are few, whose name contains it."""
    if not text:
        return []
    low = text.lower()
    wanted = [_begins("name", text), _begins("pinyin", low), _begins("email", low)]
    if len(text) > 1:
        column, keys = ("name", [text]) if not text.isascii() else ("pinyin", [low])
        keys, column = (mixed, "pinyin") if (mixed := mixed_keys(text)) else (keys, column)
        wanted += [_contains(column, key) for key in keys]
    if scope(user).scope is Scope.OWN:
        return _in_the_book(user, wanted)
    found: dict[int, Person] = {}
    for which in wanted:
        some, are_all = _anywhere(user, which)
        if len(some) < PEOPLE and not are_all:
            return _in_the_book(user, wanted)
        found |= {person.pk: person for person in some if person.pk not in found}
        if len(found) >= PEOPLE:
            break
    return list(found.values())[:PEOPLE]


def _in_the_book(user: User, wanted: list[Q]) -> list[Person]:
    """Some of the people at visible customers, whom the first of the conditions means first; the
    book is read once."""
    place = Case(*(When(which, then=at) for at, which in enumerate(wanted)), default=len(wanted))
    mine = Person.objects.filter(to_on__isnull=True, customer__in=visible_records(user))
    fitting = mine.annotate(place=place).filter(place__lt=len(wanted))
    ids = fitting.order_by("place", "name", "pk").values_list("pk", flat=True)[:PEOPLE]
    found = Person.objects.select_related("customer__merged_into").in_bulk(list(ids))
    return [found[pk] for pk in ids]


def _anywhere(user: User, which: Q) -> tuple[list[Person], bool]:
    """Some of the people for who sees much of the company, and whether these are all: the index
    of the names is asked first, alone; it is small, and the table is not read."""
    people = Person.objects.select_related("customer__merged_into")
    ids = list(Person.objects.filter(which).values_list("pk", flat=True)[:CANDIDATES])
    alive = [person for person in people.in_bulk(ids).values() if person.to_on is None]
    if scope(user).scope is not Scope.ALL:
        at = {person.customer_id for person in alive}
        seen = set(visible_records(user).filter(pk__in=at).values_list("pk", flat=True))
        alive = [person for person in alive if person.customer_id in seen]
    alive.sort(key=lambda person: (person.name, person.pk))
    return alive[:PEOPLE], len(ids) < CANDIDATES


def _begins(column: str, text: str) -> Q:
    """A span of the column's index: what begins with the text."""
    return Q(**{f"{column}__gte": text, f"{column}__lt": text + chr(0x10FFFF)})


def _contains(column: str, text: str) -> Q:
    """Anywhere in it; twice as fast as LIKE."""
    return Q(GreaterThan(StrIndex(F(column), Value(text)), 0))


@dataclass(frozen=True, slots=True)
class Order:
    """An order by its number."""

    order_id: str
    customer: Customer


def orders(user: User, text: str) -> list[Order]:
    """Orders whose number begins with the text, of visible customers."""
    if len(text) < 2:
        return []
    lines = OrderLine.objects.filter(_begins("order_id", text), void=False).order_by("order_id")
    if scope(user).scope is not Scope.ALL:
        lines = lines.filter(customer__in=visible_records(user))
    found = dict(lines.annotate(place=STANDS_AT).values_list("order_id", "place")[: ORDERS * 4])
    seen = visible_customers(user).in_bulk(list(found.values()))
    told = [Order(number, seen[pk]) for number, pk in found.items() if pk in seen]
    return told[:ORDERS]


def segments(user: User, text: str) -> list[tuple[str, str]]:
    """Name and title of the segments that are in use and that this user may read."""
    field = next(it for it in fields_for(user) if it.name == SEGMENT)
    titles = {name: str(title) for name, title in field.choices}
    used = segments_for(user).filter(name__in=titles).values_list("name", flat=True)
    return [
        (name, titles[name]) for name in used if matches(text, titles[name]) or matches(text, name)
    ][:SEGMENTS]


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
    """What can be done from anywhere, as far as the user may."""
    return [it for page, it in _every() if can(user, page) and matches(text, it.title)]


def _every() -> tuple[tuple[Page, Command], ...]:
    log, task = reverse("desk:touch_any"), reverse("desk:touch_any") + "?for=task"
    start, plan = reverse("playbooks:start"), reverse("plans:choose")
    handovers = reverse("onboarding:handovers")
    return (
        (Page.EDIT_CUSTOMERS, Command(_("Log a touch"), "note", "L", sheet=log)),
        (Page.EDIT_CUSTOMERS, Command(_("New call to action"), "checklist", "C", sheet=task)),
        (Page.EDIT_CUSTOMERS, Command(_("Start a playbook"), "bolt", sheet=start)),
        (Page.EDIT_CUSTOMERS, Command(_("New success plan"), "target", sheet=plan)),
        (Page.TODAY, Command(_("Handovers"), "heart-handshake", href=handovers)),
        (Page.CUSTOMERS, Command(_("New segment"), "filter", href=reverse("segments:new"))),
        (Page.CUSTOMERS, Command(_("Silent customers"), "zzz", href=reverse("desk:silent"))),
        (
            Page.MERGE_CUSTOMERS,
            Command(_("Duplicates"), "git-branch", href=reverse("desk:duplicates")),
        ),
        (Page.TODAY, Command(_("Keyboard shortcuts"), "keyboard", "?", opens_keys=True)),
    )


def matches(text: str, title: str) -> bool:
    return text.lower() in title.lower()
