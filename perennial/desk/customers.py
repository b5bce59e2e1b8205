"""The customer list: what the address asks for, and the rows, counts and sums behind the gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.http import QueryDict

from perennial.customers.filters import (
    AllOf,
    AnyOf,
    Condition,
    Field,
    FilterRefused,
    Op,
    compile_filter,
    parse,
)
from perennial.customers.pinyin import mixed_keys
from perennial.desk.fields import MONEY_SORTS, SORTS, fields_for
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import visible_figures
from perennial.desk.saved import ANY_DAY, View, default_key, views_for
from perennial.desk.shown_columns import allowed
from perennial.health.models import Band
from perennial.team.access import books, sees_money
from perennial.team.models import User
from perennial.web import asked

PAGE_SIZE = 50
DUE_DAYS = 90
FACETS = ("tier", "band", "stage", "industry", "owner")
SEARCHED = ("name", "name_en", "pinyin", "external_id", "owner__name")


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address asks for; `url` writes it back, defaults left out."""

    views: tuple[View, ...]
    view: View
    tree: AllOf
    q: str
    sort: str
    page: int
    money: bool
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    default_key: str = "all"  # of the view that opens without being named
    refused: FilterRefused | None = None

    @property
    def is_changed(self) -> bool:
        return self.is_filtered or self.sort != self.default_sort or self.has_own_columns

    @property
    def has_own_columns(self) -> bool:
        return self.columns != allowed(self.view.columns, money=self.money)

    @property
    def is_of_the_day(self) -> bool:
        """The list asks what changed since yesterday: it shows that change, and why."""
        return "day_change" in self.sort or "day_change" in str(self.tree)

    @property
    def is_filtered(self) -> bool:
        return self.tree.meaning != self.view.tree.meaning

    @property
    def default_sort(self) -> str:
        return allowed_sort(self.view.sort, self.money) or ("-arr" if self.money else "name")

    def query(self) -> str:
        """The query string of this very state; empty for the first page of all customers."""
        parts = {
            "view": self.view.key if self.view.key != self.default_key else "",
            "q": self.q,
            "sort": self.sort if self.sort != self.default_sort else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        pairs = {name: value for name, value in parts.items() if value}
        if self.is_filtered:
            pairs["filter"] = self.tree.text
        if self.has_own_columns:
            pairs["cols"] = ",".join(self.columns[1:])
        return urlencode(pairs, safe=";|(),.!")

    def url(self) -> str:
        return f"?{self.query()}"

    def but(self, *, tree: AllOf | None = None, sort: str | None = None, page: int = 1) -> Self:
        """The same list with another filter, order or page."""
        return replace(
            self,
            tree=self.tree if tree is None else tree,
            sort=self.sort if sort is None else sort,
            page=page,
        )


def allowed_sort(sort: str, money: bool) -> str:
    key = sort.removeprefix("-")
    return sort if key in SORTS and (money or key not in MONEY_SORTS) else ""


def read_state(params: QueryDict, *, user: User) -> ListState:
    """The state that an address asks for; what cannot be read is said, not guessed."""
    money, fields = sees_money(user), fields_for(user)
    views = views_for(user, fields=fields)
    opening = default_key(user)
    keys = {one.key: one for one in views}
    view = keys.get(params.get("view", opening), keys.get(opening, views[0]))
    page = params.get("page", "")
    state = ListState(
        views=views,
        view=view,
        tree=view.tree,
        q=asked.text(params, "q", most=100),
        sort="",
        page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
        money=money,
        fields=fields,
        columns=allowed(_asked_columns(params) or view.columns, money=money),
        default_key=opening if opening in keys else "all",
    )
    state = replace(state, sort=allowed_sort(params.get("sort", ""), money) or state.default_sort)
    try:
        tree = _composed(
            params, parse(params.get("filter", "")) if "filter" in params else view.tree
        )
        compile_filter(tree, fields, as_of=ANY_DAY, user_id=None)
    except FilterRefused as refused:
        return replace(state, refused=refused)
    return replace(state, tree=tree)


def _asked_columns(params: QueryDict) -> str:
    """The chooser's boxes, or the text of an address."""
    if "choose" in params:
        return ",".join(params.getlist("col"))
    return params.get("cols", "")


def _composed(params: QueryDict, tree: AllOf) -> AllOf:
    """The form's boxes and the builder's new condition, put into the filter."""
    if "facets" in params:
        kept = tuple(part for part in tree.parts if not is_facet(part))
        ticked = ((name, params.getlist(name)) for name in FACETS)
        tree = AllOf(kept).plus(
            Condition(name, Op.IN, tuple(values)) for name, values in ticked if values
        )
    if params.get("add_field"):
        tree = _added(tree, params)
    return tree


def is_facet(part: Condition | AnyOf) -> bool:
    """Shown as ticked boxes; `me` is no box, it stays a chip."""
    if not isinstance(part, Condition) or part.field not in FACETS:
        return False
    return part.op is Op.IN and "me" not in part.values


def _added(tree: AllOf, params: QueryDict) -> AllOf:
    field, op, value = (params.get(name, "") for name in ("add_field", "add_op", "add_value"))
    bare = op in (Op.EMPTY, Op.KNOWN)
    if op not in set(Op) or (not value and not bare):
        raise FilterRefused(f"{field}.{op}")
    new = Condition(field, Op(op), () if bare else tuple(value.strip().split(",")))
    if params.get("join") != "or" or not tree.parts:
        return tree.plus([new])
    last = tree.parts[-1]
    either = last.alternatives if isinstance(last, AnyOf) else (AllOf((last,)),)
    alternatives = tuple(dict.fromkeys((*either, AllOf((new,)))))
    return AllOf((*tree.parts[:-1], AnyOf(alternatives)))


def matching(user: User, state: ListState, *, on: date) -> QuerySet[CustomerFigures]:
    """Every customer of the list, behind the gate, unordered."""
    wanted = compile_filter(state.tree, state.fields, as_of=on, user_id=user.pk, books=books(user))
    return visible_figures(user).filter(wanted & search(state.q))


def search(text: str, *, prefix: str = "customer__") -> Q:
    """Each word anywhere in the names, the pinyin key, the id or the owner's name.

    `prefix` leads from the searched rows to the customer; empty for customers themselves."""
    found = Q()
    for word in text.split()[:5]:
        either = Q()
        for column in SEARCHED:
            either |= Q(**{f"{prefix}{column}__icontains": word})
        for key in mixed_keys(word):
            either |= Q(**{f"{prefix}pinyin__contains": key})
        found &= either
    return found


def ordered(rows: QuerySet[CustomerFigures], sort: str) -> QuerySet[CustomerFigures]:
    column = F(SORTS[sort.removeprefix("-")])
    falling = sort.startswith("-")
    first = column.desc(nulls_last=True) if falling else column.asc(nulls_last=True)
    return rows.order_by(first, "-pk" if falling else "pk")  # the order of the index, read back


def view_counts(user: User, state: ListState, *, on: date) -> dict[str, int]:
    """How many customers each tab holds now: one query for all of them."""
    counts: dict[str, Any] = {}
    for view in state.views:
        wanted = compile_filter(
            view.tree, state.fields, as_of=on, user_id=user.pk, books=books(user)
        )
        counts[view.key] = Count("pk", filter=wanted) if wanted else Count("pk")
    return visible_figures(user).aggregate(**counts)


@dataclass(frozen=True, slots=True)
class Summary:
    """The filtered set in one line. Amounts are None where the role sees no money."""

    customers: int
    mean_score: float | None
    arr: Decimal | None
    due: Decimal | None
    at_risk: Decimal | None


def summary(rows: QuerySet[CustomerFigures], *, on: date, money: bool) -> Summary:
    due = Q(renewal_on__gte=on, renewal_on__lte=on + timedelta(days=DUE_DAYS), is_renewed=False)
    sums = {
        "sum_arr": Sum("arr"),
        "sum_due": Sum("renewal_amount", filter=due),
        "sum_at_risk": Sum("arr", filter=Q(band=Band.RED)),
    }
    found = rows.aggregate(
        customers=Count("pk"), mean_score=Avg("score"), **(sums if money else {})
    )
    nothing = Decimal(0)
    return Summary(
        found["customers"],
        found["mean_score"],
        *((found[name] or nothing) if money else None for name in sums),
    )
