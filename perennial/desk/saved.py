"""The saved views of the customer list: those that everybody has, and those that people keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.filters import AllOf, Field, FilterRefused, compile_filter, parse
from perennial.customers.models import DefaultView, SavedView
from perennial.desk.fields import fields_for
from perennial.team.models import User

ANY_DAY = date(2000, 1, 1)  # to try whether a filter can be used at all


@dataclass(frozen=True, slots=True)
class View:
    """A tab of the list. `pk` only of a kept one; `is_mine` says who may change it."""

    key: str
    title: str | Promise
    tree: AllOf
    sort: str = ""
    pk: int | None = None
    is_mine: bool = False
    is_shared: bool = False
    columns: str = ""
    version: int = 0


SHIPPED: tuple[View, ...] = (
    View("all", pgettext_lazy("customers", "All"), AllOf()),
    View("mine", _("My book"), parse("1;owner.in.me")),
    View("risk", pgettext_lazy("customers", "At risk"), parse("1;band.in.red"), "-at_risk"),
    View("due", _("Due ≤ 90 d"), parse("1;renewal.within.90;renewed.is.no"), "renewal"),
    View("onboarding", pgettext_lazy("stage", "Onboarding"), parse("1;stage.in.onboarding")),
    View("key", _("Key accounts"), parse("1;tier.in.S,A")),
    View("untouched", _("No touch 60 d"), parse("1;touch.older.60;stage.not.churned"), "touch"),
    View("drop", _("Usage drop"), parse("1;usage.lte.-0.25"), "usage"),
    View(
        "changed",
        _("Since yesterday"),
        parse("1;(day_change.lte.-1|day_change.gte.1)"),
        "day_change",
    ),
)


def views_for(user: User, *, fields: tuple[Field, ...] | None = None) -> tuple[View, ...]:
    """Shipped views, then the user's own and those that others share, as far as they can be used
    by somebody with these rights."""
    kept = SavedView.objects.filter(Q(owner=user) | Q(shared=True)).order_by("position", "pk")
    readable = fields or fields_for(user)
    return SHIPPED + tuple(filter(None, (_kept(row, user, readable) for row in kept[:20])))


def _kept(row: SavedView, user: User, fields: tuple[Field, ...]) -> View | None:
    query = QueryDict(row.query)
    try:
        tree = parse(query.get("filter", ""))
        compile_filter(tree, fields, as_of=ANY_DAY, user_id=None)
    except FilterRefused:  # of an older version, or by amounts that this role does not see
        return None
    mine = row.owner_id == user.pk
    return View(
        f"v{row.pk}",
        row.name,
        tree,
        query.get("sort", ""),
        row.pk,
        mine,
        row.shared,
        query.get("cols", ""),
        row.version,
    )


def default_key(user: User) -> str:
    """The view with which this user's list opens."""
    kept = DefaultView.objects.filter(user=user).values_list("key", flat=True).first()
    return kept or SHIPPED[0].key


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    title: str
    url: str
    count: int
    is_current: bool
    pk: int | None
    is_mine: bool


def tabs(views: tuple[View, ...], counts: dict[str, int], *, current: View) -> list[Tab]:
    """The views as tabs with their counts."""
    return [
        Tab(
            view.key,
            str(view.title),
            f"?view={view.key}",
            counts[view.key],
            view.key == current.key,
            view.pk,
            view.is_mine,
        )
        for view in views
    ]
