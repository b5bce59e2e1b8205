"""The list of calls to action as its address says it: tab, filters, search, sort, page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Self

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from perennial.customers.queries import in_books
from perennial.team.models import Role, User
from perennial.units.whole import whole
from perennial.web import asked
from perennial.work.models import Lane, Priority, Reason, State, StepRun, Type, WorkItem
from perennial.work.queries import mine, reachable_items, worth

PAGE_SIZE = 40
ACTIVE = ~Q(state=State.DONE)
TABS: Mapping[str, Promise] = {
    "mine": pgettext_lazy("actions", "Mine"),
    "team": pgettext_lazy("actions", "Department queue"),
    "overdue": pgettext_lazy("actions", "Overdue"),
    "snoozed": pgettext_lazy("actions", "Snoozed"),
    "all": pgettext_lazy("actions", "All open"),
    "closed": pgettext_lazy("actions", "Closed"),
}
DUE: Mapping[str, Promise] = {
    "overdue": pgettext_lazy("due", "overdue"),
    "today": pgettext_lazy("due", "today"),
    "week": pgettext_lazy("due", "within 7 days"),
    "none": pgettext_lazy("due", "without a day"),
}
SORTS = ("rank", "due", "customer", "priority", "raised", "closed")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "state": tuple(it for it in State.values if it != State.DONE),
    "type": tuple(Type.values),
    "reason": tuple(Reason.values),
    "lane": tuple(Lane.values),
    "priority": tuple(str(it) for it in Priority.values),
    "due": tuple(DUE),
}
NUMBERS = ("owner", "team", "customer")


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address asks for; what it cannot mean is left out."""

    tab: str = "mine"
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    q: str = ""
    sort: str = ""
    page: int = 1

    @classmethod
    def read(cls, params: QueryDict, *, user: User) -> Self:
        usual = "mine" if user.role == Role.CSM else "all"
        tab = params.get("tab", usual)
        sort = params.get("sort", "")
        chosen = {name: _listed(params, name, values) for name, values in CHOICES.items()}
        chosen |= {name: _numbers(params, name) for name in NUMBERS}
        chosen["playbook"] = tuple(it[:60] for it in params.getlist("playbook") if it.strip())[:20]
        return cls(
            tab if tab in TABS else usual,
            {name: values for name, values in chosen.items() if values},
            asked.text(params, "q", most=100),
            sort if sort.removeprefix("-") in SORTS else "",
            max(1, whole(params.get("page", "")) or 1),
        )

    def query(self) -> str:
        """The address without its page."""
        params = QueryDict(mutable=True)
        params["tab"] = self.tab
        for name, values in self.chosen.items():
            params.setlist(name, list(values))
        for name in ("q", "sort"):
            if value := getattr(self, name):
                params[name] = value
        return params.urlencode()

    def url(self, *, page: int = 1) -> str:
        query = self.query()
        if page > 1:
            query = f"{query}&page={page}"
        return f"?{query}"

    def sorted_by(self, sort: str) -> Self:
        return replace(self, sort=sort, page=1)

    def without(self, name: str, value: str) -> Self:
        kept = tuple(it for it in self.chosen.get(name, ()) if it != value)
        chosen = {key: values for key, values in self.chosen.items() if key != name}
        return replace(self, chosen=chosen | ({name: kept} if kept else {}), page=1)


def _listed(params: QueryDict, name: str, values: Iterable[str]) -> tuple[str, ...]:
    known = set(values)
    return tuple(dict.fromkeys(it for it in params.getlist(name) if it in known))


def _numbers(params: QueryDict, name: str) -> tuple[str, ...]:
    found = (it for it in params.getlist(name) if it == "none" or whole(it) is not None)
    return tuple(dict.fromkeys(found))[:50]


def matching(user: User, state: ListState, *, today: date) -> QuerySet[WorkItem]:
    """Every item that the list shows, behind the gate, unordered."""
    found = reachable_items(user).filter(in_tab(user, state.tab, today=today))
    for name, values in state.chosen.items():
        found = found.filter(_condition(name, values, today=today))
    for word in state.q.split()[:5]:
        found = found.filter(_named(word))
    return found.order_by()


def in_tab(user: User, tab: str, *, today: date) -> Q:
    match tab:
        case "mine":
            return ACTIVE & ~Q(state=State.SNOOZED) & mine(user)
        case "team":
            return ACTIVE & Q(team=user.team_id or 0)
        case "overdue":
            return ACTIVE & Q(due_on__lt=today)
        case "snoozed":
            return Q(state=State.SNOOZED)
        case "closed":
            return Q(state=State.DONE)
    return ACTIVE


def tab_counts(user: User, *, today: date) -> dict[str, int]:
    """How many items each tab holds: one question for all of them."""
    wanted = {tab: Count("pk", filter=in_tab(user, tab, today=today)) for tab in TABS}
    found: dict[str, int] = reachable_items(user).order_by().aggregate(**wanted)
    return found


def _condition(name: str, values: tuple[str, ...], *, today: date) -> Q:
    if name == "due":
        either = Q()
        for value in values:
            either |= _due(value, today=today)
        return either
    if name == "playbook":
        steps = StepRun.objects.filter(run__playbook__name__in=values, item__isnull=False)
        return Q(pk__in=steps.values("item"))
    if name in NUMBERS:
        either = Q(**{f"{name}__in": [int(it) for it in values if it != "none"]})
        if name == "owner":
            either |= Q(owner__isnull=True, team__isnull=True) & in_books(_ids(values))
        return either | _nobodys(name) if "none" in values else either
    return Q(**{f"{name}__in": values})


def _ids(values: Iterable[str]) -> list[int]:
    return [int(it) for it in values if it != "none"]


def _nobodys(name: str) -> Q:
    """Nobody answers for it: no owner, or one who has left; no department."""
    if name != "owner":
        return Q(**{f"{name}__isnull": True})
    gone = Q(customer__owner__isnull=True) | Q(customer__owner__is_active=False)
    unowned = Q(owner__isnull=True) | Q(owner__is_active=False)
    return Q(team__isnull=True) & unowned & gone


def _due(value: str, *, today: date) -> Q:
    match value:
        case "overdue":
            return Q(due_on__lt=today)
        case "today":
            return Q(due_on=today)
        case "week":
            return Q(due_on__gte=today, due_on__lt=today + timedelta(days=7))
    return Q(due_on__isnull=True)


def _named(word: str) -> Q:
    columns = ("customer__name", "customer__name_en", "customer__pinyin", "title", "owner__name")
    either = Q()
    for column in columns:
        either |= Q(**{f"{column}__icontains": word})
    return either


def ordered(items: QuerySet[WorkItem], state: ListState, *, user: User) -> QuerySet[WorkItem]:
    """By what the address says; without a word by rank, closed ones the newest first."""
    sort = state.sort or ("-closed" if state.tab == "closed" else "-rank")
    falling, name = sort.startswith("-"), sort.removeprefix("-")
    urgent = Case(
        When(is_derived=False, then=F("priority")), default=Value(2), output_field=IntegerField()
    )
    column = {
        "rank": worth(user),
        "due": F("due_on"),
        "customer": F("customer__pinyin"),
        "priority": urgent,
        "raised": F("raised_on"),
        "closed": F("closed_at"),
    }[name]
    return items.order_by(OrderBy(column, descending=falling, nulls_last=True), "pk")


def playbooks_running(user: User) -> list[tuple[str, str]]:
    """Playbooks of which steps are open in reach: name twice, for a filter."""
    found = reachable_items(user).filter(ACTIVE, reason=Reason.STEP).order_by()
    names = found.values_list("steps__run__playbook__name", flat=True).distinct()
    return [(name, name) for name in sorted(filter(None, names))]
