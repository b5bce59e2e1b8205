"""What happened with a customer, newest first: from every slice, one line each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from perennial.alerts import wording as alert_wording
from perennial.alerts.queries import of_customer
from perennial.contracts.queries import lines_of
from perennial.customers.models import Customer, Person, Touch, TouchKind
from perennial.customers.queries import touches_of
from perennial.customers.touches import may_change
from perennial.desk.audit_words import told
from perennial.surveys.models import Answer
from perennial.surveys.queries import answers_of
from perennial.team.access import Page, can, sees_money
from perennial.team.models import AuditEntry, User
from perennial.tickets.queries import tickets_of
from perennial.web.formats import money, number
from perennial.web.panels import Panel

FEW, MANY = 8, 100
KINDS = (
    ("", pgettext_lazy("timeline", "All")),
    ("touches", gettext_lazy("Touches")),
    ("signals", gettext_lazy("Signals")),
    ("orders", gettext_lazy("Orders")),
    ("changes", gettext_lazy("Changes")),
)
TOUCH_ICONS = {
    TouchKind.CALL: "phone",
    TouchKind.MEETING: "users",
    TouchKind.VISIT: "building",
    TouchKind.EMAIL: "mail",
    TouchKind.CHAT: "message",
    TouchKind.TRAINING: "school",
    TouchKind.NOTE: "note",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `tone` is a colour class, `who` a person or empty."""

    at: datetime
    kind: str
    icon: str
    title: str
    text: str
    who: str = ""
    tone: str = ""
    edit_url: str = ""  # a sheet that changes it, for who may


def timeline(user: User, customer: Customer, *, kind: str = "", most: int = MANY) -> list[Entry]:
    """The newest `most` entries of a kind ('' for all), each through its slice's gate."""
    makers = {
        "touches": (_touches,),
        "signals": (_alerts, _tickets, _answers),
        "orders": (_orders,),
        "changes": (_changes,),
    }
    chosen = makers.get(kind) or tuple(make for group in makers.values() for make in group)
    entries = [entry for make in chosen for entry in make(user, customer, most)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]


def of_person(user: User, customer: Customer, person: Person) -> list[Entry]:
    """What was said with one person, what they answered, and what changed about them."""
    answers = answers_of(user, customer).filter(person_id_text=person.external_id)
    lines = _lines(customer).filter(action__startswith="person.", detail__undo__person=person.pk)
    entries = [
        *map(_touch, touches_of(user, customer).filter(person=person)[:MANY]),
        *map(_answer, answers[:MANY]),
        *map(_change, lines[:MANY]),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:MANY]


def _touches(user: User, customer: Customer, most: int) -> list[Entry]:
    found = touches_of(user, customer)[:most]
    return [replace(_touch(it), edit_url=_edit_url(it, customer, user)) for it in found]


def _edit_url(touch: Touch, customer: Customer, user: User) -> str:
    if not can(user, Page.EDIT_CUSTOMERS) or not may_change(touch, user):
        return ""
    return reverse("desk:edit_touch", args=[customer.pk, touch.pk])


def _touch(touch: Touch) -> Entry:
    return Entry(
        touch.happened_at,
        "touches",
        TOUCH_ICONS.get(TouchKind(touch.kind), "note"),
        " · ".join(
            filter(None, (touch.get_kind_display(), touch.person.name if touch.person else ""))
        ),
        touch.note,
        touch.owner.name if touch.owner else "",
    )


def _alerts(user: User, customer: Customer, most: int) -> list[Entry]:
    with_money = sees_money(user)
    return [
        Entry(
            _morning(alert.raised_on),
            "signals",
            "alert-triangle",
            alert_wording.title(alert),
            alert_wording.sentence(alert, money=with_money),
            tone="" if alert.resolved_on else "bad",
        )
        for alert in of_customer(user, customer)[:most]
    ]


def _tickets(user: User, customer: Customer, most: int) -> list[Entry]:
    return [
        Entry(
            ticket.opened_at,
            "signals",
            "ticket",
            " · ".join(filter(None, (_("Ticket"), ticket.kind, ticket.priority))),
            ticket.subject or ticket.external_id,
            tone="" if ticket.closed_at else "warn",
        )
        for ticket in tickets_of(user, customer)[:most]
    ]


def _answers(user: User, customer: Customer, most: int) -> list[Entry]:
    return [_answer(it) for it in answers_of(user, customer)[:most]]


def _answer(answer: Answer) -> Entry:
    return Entry(
        answer.answered_at,
        "signals",
        "message-2-star",
        f"{answer.get_kind_display()} {number(answer.score)}",
        answer.comment,
        tone=_answer_tone(answer.kind, float(answer.score)),
    )


def _answer_tone(kind: str, score: float) -> str:
    if kind != "nps":
        return ""
    return "bad" if score <= 6 else "good" if score >= 9 else ""


def _orders(user: User, customer: Customer, most: int) -> list[Entry]:
    with_money = sees_money(user)
    lines = lines_of(user, customer).filter(void=False).order_by("-signed_on")[:most]
    return [
        Entry(
            _morning(line.signed_on),
            "orders",
            "receipt",
            " · ".join(filter(None, (line.get_kind_display(), line.product))),
            " · ".join(
                filter(
                    None,
                    (
                        line.order_id,
                        money(line.recurring_amount, line.currency)
                        if with_money and line.recurring_amount is not None
                        else "",
                    ),
                )
            ),
        )
        for line in lines
    ]


def _changes(user: User, customer: Customer, most: int) -> list[Entry]:
    del user  # the customer came through the gate
    return [_change(it) for it in _lines(customer).exclude(action="touch.logged")[:most]]


def _lines(customer: Customer) -> QuerySet[AuditEntry]:
    here = Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer.pk))
    ids = here.values(text=Cast("pk", TextField()))  # as the audit log keeps them
    lines = AuditEntry.objects.filter(object_type="customer", object_id__in=ids)
    return lines.select_related("by").order_by("-at")


def _change(line: AuditEntry) -> Entry:
    title, text = told(line)
    return Entry(
        line.at, "changes", "history", title, text, line.by.name if line.by else _("System")
    )


def _morning(day: date) -> datetime:
    """Facts of a day stand at its start in business time."""
    return datetime.combine(day, time(), settings.PERENNIAL_TIME_ZONE)


def _few(user: User, customer: Customer, day: date) -> dict[str, Any]:
    del day
    return {"entries": timeline(user, customer, most=FEW), "is_short": True}


def _whole(user: User, customer: Customer, day: date) -> dict[str, Any]:
    del day
    return {"entries": timeline(user, customer), "kinds": KINDS, "kind": ""}


def _changed(user: User, customer: Customer, day: date) -> dict[str, Any]:
    del day
    return {"entries": timeline(user, customer, kind="changes"), "title": _("Changes")}


TIMELINE = Panel(gettext_lazy("Timeline"), "desk/panel_timeline.html", _few)
WHOLE_TIMELINE = Panel(gettext_lazy("Timeline"), "desk/panel_timeline.html", _whole)
CHANGES = Panel(gettext_lazy("Changes"), "desk/panel_timeline.html", _changed)
