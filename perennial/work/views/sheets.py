"""Sheets over a list or page: make, change, close with a touch, snooze, hand over."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perennial.customers.actions import log_touch
from perennial.customers.models import About, TouchKind
from perennial.customers.queries import customer_for, visible_customer
from perennial.team.access import Page, can, require
from perennial.team.models import Team, User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.whole import whole
from perennial.web import asked
from perennial.web.faults import in_words
from perennial.work import actions
from perennial.work.conflict import blame
from perennial.work.forms import CloseForm, ItemForm, SnoozeForm, colleagues_of
from perennial.work.models import Outcome, WorkItem
from perennial.work.playbooks.actions import choose
from perennial.work.playbooks.queries import outcomes_of
from perennial.work.playbooks.wording import told
from perennial.work.shown import owner_of
from perennial.work.views.answers import acting, done, refused

SNOOZES = (1, 3, 7, 14, 30)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A call to action of one's own; `?customer=` says for whom, else one is asked."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    pk = whole(request.GET.get("customer", ""))
    if pk is None:
        return redirect(reverse("desk:touch_any") + "?for=task")
    customer = customer_for(user, pk)
    form = ItemForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            item = actions.make_item(
                customer,
                title=typed["title"],
                text=typed["text"],
                type=typed["type"],
                reason=typed["reason"] or "task",
                due_on=typed["due_on"],
                owner=form.owner(),
                team=form.team(),
                priority=typed["priority"],
                by=user,
                at=timezone.now(),
            )
        except InputRefused as wrong:
            form.add_error(None, in_words(wrong))
        else:
            return done(request, item, _("made for %(whose)s") % {"whose": _whose(item)})
    here = f"{reverse('work:new')}?customer={customer.pk}"
    return _sheet(request, form, "work/item_form.html", {"customer": customer, "here": here})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, item = acting(request, pk)
    form = ItemForm(request.POST or None, customer=item.customer, item=item)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        names = ("title", "text", "type", "priority", "due_on")
        changes = actions.Edit(**{name: typed[name] for name in names})
        try:
            item = actions.edit_item(
                item, changes, version=typed["version"] or 0, by=user, at=timezone.now()
            )
        except InputRefused as wrong:
            item.refresh_from_db()
            blame(form, wrong, fresh=lambda: ItemForm(customer=item.customer, item=item))
        else:
            return done(request, item, _("Saved"))
    here = reverse("work:edit", args=[pk])
    context = {"customer": item.customer, "here": here, "item": item}
    return _sheet(request, form, "work/item_form.html", context)


@require_http_methods(["GET", "POST"])
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    user, item = acting(request, pk)
    form = SnoozeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        days, reason = form.cleaned_data["days"], form.cleaned_data["reason"]
        try:
            item = actions.snooze(item, days=days, reason=reason, by=user, at=timezone.now())
        except InputRefused as wrong:
            form.add_error(None, in_words(wrong))
        else:
            said = _("sleeps until %(day)s") % {"day": item.snoozed_until}
            return done(request, item, said)
    return _sheet(request, form, "work/snooze.html", {"item": item, "snoozes": SNOOZES})


@require_http_methods(["GET", "POST"])
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """To a colleague, or into a department's queue (`team`)."""
    user, item = acting(request, pk)
    if request.method == "GET":
        shown = {
            "item": item,
            "colleagues": colleagues_of(item.customer),
            "teams": Team.objects.order_by("name"),
        }
        return _sheet(request, Form(), "work/reassign.html", shown)
    now = timezone.now()
    try:
        if team := whole(request.POST.get("team", "")):
            found = get_object_or_404(Team, pk=team)
            item = actions.give_to_team(item, team=found, by=user, at=now)
        else:
            chosen = whole(request.POST.get("owner", "")) or 0
            owner = get_object_or_404(User, pk=chosen, is_active=True)
            item = actions.reassign(item, owner=owner, by=user, at=now)
    except InputRefused as wrong:
        return refused(request, in_words(wrong), item=item)
    return done(request, item, _("given to %(whose)s") % {"whose": _whose(item)})


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """How it ended, in words; and the touch that ended it, in one go."""
    user, item = acting(request, pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            item = _closed(request, item, form, by=user)
        except InputRefused as wrong:
            form.add_error(None, in_words(wrong))
        else:
            return done(request, item, str(item.get_outcome_display()))
    context = {"item": item, "kinds": TouchKind.choices, "may_log": _may_log(user, item)}
    context["ways"] = [(it.id, told(it.title)) for it in outcomes_of(item)]
    return _sheet(request, form, "work/close.html", context)


@transaction.atomic
def _closed(request: HttpRequest, item: WorkItem, form: CloseForm, *, by: User) -> WorkItem:
    now, note = timezone.now(), form.cleaned_data["note"]
    kind = request.POST.get("kind", "")
    if kind in TouchKind.values and _may_log(by, item):
        log_touch(
            item.customer,
            kind=kind,
            happened_at=now,
            person=None,
            minutes=whole(request.POST.get("minutes", "")),
            note=note or item.title or str(item.get_reason_display()),
            about=(About.WORK_ITEM, item.pk),
            by=by,
            at=now,
        )
    outcome = form.cleaned_data["outcome"]
    if outcome != Outcome.NOT_NEEDED:
        choose(item, outcome=request.POST.get("way", ""))  # where its playbook goes on
    return actions.complete(item, outcome=outcome, note=note, by=by, at=now)


def _may_log(user: User, item: WorkItem) -> bool:
    return can(user, Page.EDIT_CUSTOMERS) and visible_customer(user, item.customer).exists()


def _whose(item: WorkItem) -> str:
    name, note = owner_of(item)
    return name or note


def _sheet(
    request: HttpRequest, form: Form, template: str, context: Mapping[str, object]
) -> HttpResponse:
    """The form as a sheet; without script as a page of its own."""
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    shown = {"form": form, "today": today, "next": asked.text(request.GET, "next", most=300)}
    status = 422 if form.errors else 200
    shown |= dict(context)
    if "HX-Request" in request.headers:
        return render(request, template, shown, status=status)
    return render(request, "web/sheet_page.html", shown | {"sheet": template}, status=status)
