"""The main menu: what stands in it, in which order. Pages are named, not imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: `page` names the right it needs (team.access.Page), `letter` follows G."""

    url: str
    icon: str
    label: Words
    page: str
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: Words
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the page shows it."""

    href: str
    icon: str
    label: Words
    letter: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Section:
    label: Words
    links: list[Link] = field(default_factory=list)


MENU: tuple[Group, ...] = (
    Group(
        "",
        (
            Item("desk:today", "inbox", _("Today"), "today", "t"),
            Item("work:list", "checklist", pgettext_lazy("menu", "Actions"), "today", "w"),
            Item("alerts:list", "bell", _("Alerts"), "customers", "a"),
            Item("desk:customers", "building", _("Customers"), "customers", "c"),
            Item("desk:team", "users", pgettext_lazy("menu", "Team"), "team_board", "b"),
        ),
    ),
    Group(
        pgettext_lazy("menu", "Success"),
        (
            Item("playbooks:list", "list-check", _("Playbooks"), "playbooks", "p"),
            Item("onboarding:list", "plant-2", pgettext_lazy("menu", "Onboarding"), "today", "o"),
            Item("plans:list", "target", pgettext_lazy("menu", "Success plans"), "today", "s"),
            Item("segments:list", "filter", pgettext_lazy("menu", "Segments"), "customers", "g"),
        ),
    ),
    Group(
        pgettext_lazy("menu", "Figures"),
        (
            Item("desk:bow_tie", "trending-up", _("Bow-tie"), "customers", "x"),
            Item("revenue:revenue", "chart-bar", _("Revenue"), "revenue", "r"),
            Item("health:scorecards", "activity", pgettext_lazy("menu", "Health"), "health", "h"),
            Item("metrics:catalogue", "gauge", pgettext_lazy("menu", "Metrics"), "metrics", "m"),
        ),
    ),
    Group(
        _("Operate"),
        (
            Item(
                "connectors:imports",
                "file-import",
                pgettext_lazy("menu", "Imports"),
                "imports",
                "i",
            ),
            Item("events:sources", "plug-connected", _("Data sources"), "data_quality", "d"),
            Item(
                "notify:channels",
                "broadcast",
                pgettext_lazy("menu", "Channels"),
                "settings",
                "n",
            ),
            Item(
                "customers:grades",
                "category",
                pgettext_lazy("menu", "Standards"),
                "work_definitions",
                "k",
            ),
            Item("team:users", "users", _("Users"), "users", "u"),
        ),
    ),
)


def _address(name: str) -> str | None:
    """Where a page stands; None while its slice brings no addresses (tests of a slice alone)."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def _is_under(path: str, href: str) -> bool:
    """Everything is below the front page, which is current only on itself."""
    return path == href if href == "/" else path.startswith(href)


def sections(path: str, *, may: Callable[[str], bool]) -> Iterator[Section]:
    """The menu for somebody who `may` open these pages; the longest matching address is current."""
    shown = [
        (
            group,
            [
                (item, href)
                for item in group.items
                if may(item.page) and (href := _address(item.url))
            ],
        )
        for group in MENU
    ]
    matching = [href for _group, items in shown for _item, href in items if _is_under(path, href)]
    current = max(matching, key=len, default="")
    for group, items in shown:
        if items:
            links = [
                Link(href, item.icon, item.label, item.letter, href == current)
                for item, href in items
            ]
            yield Section(group.label, links)
