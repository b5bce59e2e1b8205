"""The ten-second log: what was said with a customer, from anywhere; changed and taken back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers import touches
from perennial.customers.actions import log_touch as log
from perennial.customers.forms import TouchForm
from perennial.customers.models import About, Customer, Touch, TouchKind
from perennial.customers.queries import touches_of, visible_customers
from perennial.customers.sheets import editor
from perennial.desk import customers as listing
from perennial.desk.rows import display_name
from perennial.desk.timeline import TOUCH_ICONS
from perennial.desk.touching import abouts, learn
from perennial.team.access import Page, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web import asked
from perennial.web.faults import in_words
from perennial.work import actions as work
from perennial.work.models import State, WorkItem
from perennial.work.queries import item_for

SUGGESTED = 8
TYPED = ("kind", "happened_at", "person", "minutes", "note", "people_trained")


@require_GET
def choose_customer(request: HttpRequest) -> HttpResponse:
    """Which customer it is about; `customer` knows already, `first` takes what fits best.

    `for=task` goes on to a new call to action, else to the log."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    text = asked.text(request.GET, "q", most=100)
    goes_to = "task" if request.GET.get("for") == "task" else "touch"
    known = whole(request.GET.get("customer", ""))
    if known is not None and visible_customers(user).filter(pk=known).exists():
        return redirect(_next(goes_to, known))
    worth = "-figures__money_at_risk" if sees_money(user) else "figures__score"
    found = visible_customers(user).filter(listing.search(text, prefix="")).order_by(worth, "name")
    if "first" in request.GET and (best := found.first()) is not None:
        return redirect(_next(goes_to, best.pk))
    choices = [(it, _next(goes_to, it.pk)) for it in found[:SUGGESTED]]
    context = {"choices": choices, "q": text, "goes_to": goes_to}
    if "HX-Request" in request.headers:
        return render(request, "desk/touch_choose.html", context)
    context["sheet"] = "desk/touch_choose.html"
    return render(request, "web/sheet_page.html", context)


def _next(goes_to: str, customer_pk: int) -> str:
    if goes_to == "task":
        return f"{reverse('work:new')}?customer={customer_pk}"
    return reverse("desk:touch", args=[customer_pk])


@require_http_methods(["GET", "POST"])
def log_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and what it saves; `?item=` is the call to action that it belongs to."""
    user, customer = editor(request, pk)
    item = whole(request.GET.get("item", ""))
    form = TouchForm(
        request.POST or None,
        user=user,
        customer=customer,
        abouts=abouts(user, customer),
        about=f"{About.WORK_ITEM}:{item}" if item else "",
    )
    if request.method == "GET" or not form.is_valid():
        return _form(request, customer, form)
    try:
        touch, closed = _log(customer, form, by=user)
    except PerennialError as wrong:
        form.add_error(None, in_words(wrong))
        return _form(request, customer, form)
    learn(customer)
    undo = reverse("desk:remove_touch", args=[pk, touch.pk])
    said = _("Touch logged, call to action closed") if closed else _("Touch logged")
    return _told(request, customer, said, undo=f"{undo}?opens=1" if closed else undo)


@transaction.atomic
def _log(customer: Customer, form: TouchForm, *, by: User) -> tuple[Touch, bool]:
    """The touch, and with it the end of the call to action that it belongs to."""
    now, typed, about = timezone.now(), form.cleaned_data, form.belongs_to()
    touch = log(customer, **{name: typed[name] for name in TYPED}, about=about, by=by, at=now)
    closes = bool(typed["closes"]) and about is not None and about[0] == About.WORK_ITEM
    if closes and about is not None:
        work.complete(item_for(by, about[1]), note=typed["note"], by=by, at=now)
    return touch, closes


@require_http_methods(["GET", "POST"])
def edit_touch(request: HttpRequest, pk: int, touch_pk: int) -> HttpResponse:
    """Change what was logged."""
    user, customer = editor(request, pk)
    touch = _touch(user, customer, touch_pk)
    form = TouchForm(request.POST or None, user=user, customer=customer, touch=touch)
    if request.method == "GET" or not form.is_valid():
        return _form(request, customer, form, touch=touch)
    typed = form.cleaned_data
    try:
        touches.edit_touch(
            touch,
            values={name: typed[name] for name in TYPED},
            version=typed["version"] or 0,
            by=user,
            at=timezone.now(),
        )
    except PerennialError as wrong:
        touch.refresh_from_db()
        form.add_error(None, in_words(wrong))
        return _form(request, customer, form, touch=touch)
    learn(customer)
    return _told(request, customer, _("Saved"))


@require_POST
def remove_touch(request: HttpRequest, pk: int, touch_pk: int) -> HttpResponse:
    """Take a log back; with `opens` also the end of the call to action that it closed."""
    user, customer = editor(request, pk)
    touch = _touch(user, customer, touch_pk)
    try:
        with transaction.atomic():
            touches.remove_touch(touch, by=user, at=timezone.now())
            if "opens" in request.GET and touch.about_type == About.WORK_ITEM:
                _open_again(touch.about_id or 0, by=user)
    except PerennialError as wrong:
        return _told(request, customer, in_words(wrong), tone="bad")
    learn(customer)
    return _told(request, customer, _("Touch taken back"))


def _open_again(item_pk: int, *, by: User) -> None:
    closed = WorkItem.objects.filter(pk=item_pk, state=State.DONE, closed_by=by)
    if closed.exists():
        work.reopen(item_for(by, item_pk), by=by, at=timezone.now())


def _touch(user: User, customer: Customer, pk: int) -> Touch:
    found = touches_of(user, customer).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _told(
    request: HttpRequest, customer: Customer, text: str, *, undo: str = "", tone: str = ""
) -> HttpResponse:
    if "HX-Request" not in request.headers:
        messages.add_message(request, messages.ERROR if tone else messages.SUCCESS, text)
        return redirect("desk:customer", pk=customer.pk)
    said: dict[str, Any] = {"toast": {"text": text, "undo": undo, "tone": tone}}
    said |= {"sheet:close": True, "touchLogged": True, "peopleChanged": True, "listChanged": True}
    said["workChanged"] = {"item": 0}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})


def _form(
    request: HttpRequest, customer: Customer, form: TouchForm, *, touch: Touch | None = None
) -> HttpResponse:
    here = reverse("desk:touch", args=[customer.pk])
    if touch is not None:
        here = reverse("desk:edit_touch", args=[customer.pk, touch.pk])
    context = {
        "customer": customer,
        "shown_name": display_name(customer.name, customer.name_en),
        "form": form,
        "touch": touch,
        "here": here,
        "kinds": TouchKind.choices,
        "kind_icons": TOUCH_ICONS,
    }
    status = 422 if form.is_bound else 200
    if "HX-Request" in request.headers:
        return render(request, "desk/touch_form.html", context, status=status)
    context["sheet"] = "desk/touch_form.html"
    return render(request, "web/sheet_page.html", context, status=status)
