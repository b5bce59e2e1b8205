"""One's secret address, and the mails that wait for a decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.connectors.mailbox import actions, queries
from perennial.connectors.mailbox.models import HeldMail
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.team.secret_links import shown_once
from perennial.units.errors import InputRefused
from perennial.web import asked
from perennial.web.faults import in_words

MOST = 100
MOST_OFFERED = 300  # names that the browser completes


@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "connectors/mailbox.html", _context(_user(request)))


@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """A new secret address; the answer shows it, once."""
    user = _user(request)
    address = actions.renew_address(user, by=user, at=timezone.now())
    context = _context(user) | {"address": address}
    return shown_once(render(request, "connectors/mailbox.html", context))


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Log a held mail at the customer that was chosen or typed."""
    user = _user(request)
    mail = queries.held_for(user, pk)
    customer = _customer(user, asked.text(request.POST, "customer", most=200))
    if customer is None:
        messages.error(request, _("No customer of yours is called so."))
        return redirect("mailbox:page")
    try:
        actions.accept(mail, customer, by=user, at=timezone.now())
    except InputRefused as error:
        messages.error(request, in_words(error))
        return redirect("mailbox:page")
    return _done(request, mail, _("Logged at {customer}.").format(customer=customer.name))


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    mail = queries.held_for(user, pk)
    try:
        actions.discard(mail, by=user, at=timezone.now())
    except InputRefused as error:
        messages.error(request, in_words(error))
        return redirect("mailbox:page")
    return _done(request, mail, _("Left out."))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail waits again."""
    user = _user(request)
    actions.take_back(queries.held_for(user, pk), by=user, at=timezone.now())
    return redirect("mailbox:page")


def _user(request: HttpRequest) -> User:
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    return user


def _context(user: User) -> dict[str, object]:
    rows = list(queries.waiting(user)[:MOST])
    offered = visible_customers(user).order_by("name").values_list("name", flat=True)
    return {
        "is_set_up": queries.is_set_up(),
        "link": queries.link_of(user, at=timezone.now()),
        "mails": rows,
        "offered": offered[:MOST_OFFERED] if rows else [],
        "state": queries.state() if can(user, Page.SETTINGS) else {},
        "sees_all": can(user, Page.SETTINGS),
    }


def _customer(user: User, named: str) -> Customer | None:
    """A customer in reach by name or external id; None: none, or several of that name."""
    seen = visible_customers(user)
    found = list(seen.filter(external_id=named)[:1]) or list(seen.filter(name=named)[:2])
    return found[0] if len(found) == 1 else None


def _done(request: HttpRequest, mail: HeldMail, text: str) -> HttpResponse:
    undo_url = reverse("mailbox:undo", args=[mail.pk])
    messages.add_message(request, messages.SUCCESS, text, undo_url)
    return redirect("mailbox:page")
