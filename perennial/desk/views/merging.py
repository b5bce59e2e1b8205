"""Merging customers: who may be one, what moves, the merge confirmed by name, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers import merging
from perennial.customers.duplicates import suggested
from perennial.customers.models import Customer, Merge
from perennial.customers.queries import customer_for, visible_customers
from perennial.desk import customers as listing
from perennial.desk.merging import REASONS, merges, settle, side
from perennial.desk.queries import as_of
from perennial.team.access import Page, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web import asked
from perennial.web.faults import in_words
from perennial.web.formats import named


def _merger(request: HttpRequest) -> User:
    user = who(request)
    require(user, Page.MERGE_CUSTOMERS)
    return user


@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """Who may be one company, and the log of merges."""
    user = _merger(request)
    pairs = [(it, [REASONS[reason] for reason in it.reasons]) for it in suggested(user)]
    return render(request, "desk/duplicates.html", {"pairs": pairs, "merges": merges(user)})


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest) -> HttpResponse:
    """GET shows both and what moves; POST merges when the name was typed."""
    user = _merger(request)
    params = request.POST if request.method == "POST" else request.GET
    first = customer_for(user, whole(params.get("a", "")) or 0)
    if not params.get("b"):
        return _choose(request, user, first)
    second = customer_for(user, whole(params["b"]) or 0)
    if first.pk == second.pk:
        raise Http404
    survivor, other = (second, first) if params.get("keep") == str(second.pk) else (first, second)
    wrong = ""
    if request.method == "POST":
        typed = " ".join(params.get("confirm", "").split())
        if typed not in (other.name, other.name_en) or not typed:
            wrong = _("Type the name of the customer that goes: %(name)s") % {"name": other.name}
        else:
            try:
                done = merging.merge_customers(other, into=survivor, by=user, at=timezone.now())
                settle(done)
            except PerennialError as refused:
                wrong = in_words(refused)
        if not wrong:
            text = _("%(other)s stands under %(survivor)s now. The log of merges takes it back.")
            names = {"other": _name(other), "survivor": _name(survivor)}
            messages.success(request, text % names)
            return redirect("desk:customer", pk=survivor.pk)
    on = as_of()
    context = {
        "sides": [side(user, it, on=on) for it in (first, second)],
        "survivor": survivor,
        "other": other,
        "wrong": wrong,
        "money": sees_money(user),
    }
    return render(request, "desk/merge.html", context, status=422 if wrong else 200)


def _name(customer: Customer) -> str:
    return named(customer.name, customer.name_en)


def _choose(request: HttpRequest, user: User, first: Customer) -> HttpResponse:
    """With whom: found by name."""
    text = asked.text(request.GET, "q", most=100)
    found = visible_customers(user).filter(listing.search(text, prefix="")).exclude(pk=first.pk)
    context = {
        "customer": first,
        "found": found.order_by("name")[:8],
        "q": text,
        "title": _("Merge with whom?"),
        "here": reverse("desk:merge"),
    }
    return render(request, "desk/merge_choose.html", context)


@require_POST
def undo_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the customer stand by itself again."""
    user = _merger(request)
    seen = {it.pk for it in merges(user)}
    done = get_object_or_404(Merge, pk=pk)
    if done.pk not in seen:
        raise Http404
    try:
        settle(merging.undo_merge(done, by=user, at=timezone.now()))
        messages.success(
            request, _("%(name)s stands by itself again.") % {"name": _name(done.customer)}
        )
    except PerennialError as wrong:
        messages.error(request, in_words(wrong))
    return redirect("desk:duplicates")
