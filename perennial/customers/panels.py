"""The customer's own card: the record, edited in place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.web.panels import Panel

# name, title, icon-free: what the record shows, in order
DETAILS_SHOWN = (
    ("industry", _("Industry")),
    ("region", _("Region")),
    ("size", _("Size")),
    ("website", _("Website")),
    ("tags", _("Tags")),
    ("name", pgettext_lazy("customer", "Name")),
    ("name_en", _("English name")),
)
NOT_SHOWN = frozenset({"made_by_source"})  # what the card of events says with its source


@dataclass(frozen=True, slots=True)
class Detail:
    """One field as it stands: `shown` is words, empty when unknown."""

    name: str
    title: str
    shown: str


def shown(customer: Customer, name: str) -> str:
    """A field in words."""
    value = getattr(customer, name)
    return ", ".join(value) if isinstance(value, list) else str(value)


def details(user: User, customer: Customer, day: date) -> dict[str, Any]:
    del day
    rows = [Detail(name, str(title), shown(customer, name)) for name, title in DETAILS_SHOWN]
    custom = {name: value for name, value in customer.custom.items() if name not in NOT_SHOWN}
    return {"details": rows, "custom": custom, "can_edit": can(user, Page.EDIT_CUSTOMERS)}


DETAILS = Panel(_("Details"), "customers/panel_details.html", details)
