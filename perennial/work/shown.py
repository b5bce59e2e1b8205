"""Items in words, as lists and pages show them; without amounts for those who see none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.customers.queries import visible_customers
from perennial.team.access import sees_money
from perennial.team.models import AuditEntry, User
from perennial.web import formats
from perennial.work import wording
from perennial.work.models import Lane, Reason, State, WorkItem
from perennial.work.queries import may_act

ICONS: Final[Mapping[str, str]] = {
    Lane.OWED: "clock",
    Lane.RISK: "alert-triangle",
    Lane.RENEWAL: "refresh",
    Lane.ONBOARDING: "plant-2",
    Lane.GOOD_NEWS: "mood-smile",
}
TONES: Final[Mapping[str, str]] = {
    Lane.RISK: "bad",
    Lane.OWED: "warn",
    Lane.RENEWAL: "warn",
    Lane.GOOD_NEWS: "good",
}
STATE_TONES: Final[Mapping[str, str]] = {State.IN_PROGRESS: "cool", State.DONE: "good"}
SAYS_MONEY: Final = frozenset({Reason.RENEWAL_DUE, Reason.INVOICE_OVERDUE})
HISTORY: Final = {
    "work.made": gettext_lazy("made"),
    "work.edited": gettext_lazy("changed"),
    "work.started": gettext_lazy("started"),
    "work.snoozed": gettext_lazy("snoozed"),
    "work.completed": gettext_lazy("closed"),
    "work.reassigned": gettext_lazy("given to a colleague"),
    "work.given_to_team": gettext_lazy("given to a department"),
    "work.claimed": gettext_lazy("claimed"),
    "work.given_back": gettext_lazy("given back"),
    "work.undone": gettext_lazy("taken back"),
    "work.bulk": gettext_lazy("changed with others"),
    "work.bulk_undone": gettext_lazy("brought back with others"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list. `customer_url` is empty where the reader may not open the customer."""

    item: WorkItem
    url: str
    customer: str
    customer_url: str
    title: str
    why: str
    tone: str
    icon: str
    owner: str
    owner_note: str
    worth: str
    may_act: bool

    @property
    def state_tone(self) -> str:
        return STATE_TONES.get(self.item.state, "")


def rows(items: Iterable[WorkItem], *, user: User) -> list[Row]:
    """Items in words; one question for whose customers the reader may open."""
    listed = list(items)
    ids = {it.customer.pk for it in listed}
    open_to = set(visible_customers(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [row(it, user=user, sees_customer=it.customer.pk in open_to) for it in listed]


def row(item: WorkItem, *, user: User, sees_customer: bool) -> Row:
    money = sees_money(user) and sees_customer  # a department works without its amounts
    owner, note = owner_of(item)
    shown = money and item.money_at_risk is not None
    return Row(
        item,
        reverse("work:item", args=[item.pk]),
        formats.named(item.customer.name, item.customer.name_en),
        reverse("desk:customer", args=[item.customer.pk]) if sees_customer else "",
        wording.own_text(item, "title") or str(item.get_reason_display()),
        "" if item.title else why(item, money=money),
        TONES.get(item.lane, ""),
        ICONS[item.lane],
        owner,
        note,
        formats.money(item.money_at_risk, item.currency) if shown else "",
        may_act(user, item),
    )


def why(item: WorkItem, *, money: bool) -> str:
    """The reason with its figures; a role that sees no money gets no sentence with an amount."""
    if not money and item.reason in SAYS_MONEY:
        return str(item.get_reason_display())
    return wording.sentence(item, money=money)


def owner_of(item: WorkItem) -> tuple[str, str]:
    """Whose it is, and what must be said of that: a department's queue, an owner who left."""
    if item.owner is not None and item.owner.is_active:
        return item.owner.name, item.team.name if item.team else ""
    if item.team is not None:
        return item.team.name, _("waits to be claimed")
    left = item.owner is not None
    csm = item.customer.owner
    if csm is not None and csm.is_active:
        return csm.name, _("the owner has left") if left else ""
    left = left or csm is not None
    return "", _("unassigned (owner left)") if left else _("unassigned")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an item's history."""

    line: AuditEntry
    what: str
    text: str


def history(item: WorkItem, *, limit: int = 50) -> list[Event]:
    """What people did with an item, the newest first; also with many at once."""
    own = AuditEntry.objects.filter(object_type="work_item", object_id=str(item.pk))
    many = AuditEntry.objects.filter(object_type="work_items", detail__items__has_key=str(item.pk))
    lines = (own | many).select_related("by").order_by("-at", "-pk")[:limit]
    return [Event(line, str(HISTORY.get(line.action, line.action)), _told(line)) for line in lines]


def _told(line: AuditEntry) -> str:
    """What changed, as far as it can be said in a word."""
    after = line.detail.get("after", {})
    match line.action:
        case "work.snoozed":
            reason = after.get("snoozed_reason", "")
            until = _("until %(day)s") % {"day": after.get("snoozed_until", "")}
            return " · ".join(filter(None, (until, reason)))
        case "work.completed":
            outcome = dict(WorkItem._meta.get_field("outcome").choices or ())
            note = after.get("note", "")
            return " · ".join(filter(None, (str(outcome.get(after.get("outcome"), "")), note)))
        case "work.reassigned":
            owner = User.objects.filter(pk=after.get("owner_id") or 0).first()
            return owner.name if owner else ""
    return ""
