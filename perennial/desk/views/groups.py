"""Setting a customer's parent and its business links, in sheets over its page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers import kinship
from perennial.customers.models import Customer, CustomerLink
from perennial.customers.queries import customer_for, visible_customers
from perennial.customers.sheets import done, editor
from perennial.desk import customers as listing
from perennial.desk.groups import GROUP, links_of
from perennial.desk.queries import as_of
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web import asked
from perennial.web.faults import in_words

MOST_FOUND = 8


@require_GET
def group_card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card, refreshed after a change."""
    user = who(request)
    customer, day = customer_for(user, pk), as_of()
    found = GROUP.build(user, customer, day) or {}
    return render(request, GROUP.template, {**found, "customer": customer, "day": day})


@require_http_methods(["GET", "POST"])
def set_parent(request: HttpRequest, pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    if request.method == "GET":
        return _form(request, user, customer, {"can_clear": customer.parent_id is not None})
    try:
        parent = _chosen(user, request)
        kinship.set_parent(
            customer,
            parent=parent,
            version=whole(request.POST.get("version", "")) or 0,
            by=user,
            at=timezone.now(),
        )
    except PerennialError as wrong:
        return _form(request, user, customer, {"can_clear": True, "wrong": in_words(wrong)})
    return done(request, customer, text=_("Saved"), refreshes="groupChanged")


@require_http_methods(["GET", "POST"])
def add_link(request: HttpRequest, pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    kind = request.POST.get("kind", "supplies")
    note = " ".join(request.POST.get("note", "").split())
    form = {"kinds": _kinds(), "kind": kind, "note": note}
    if request.method == "GET":
        return _form(request, user, customer, form)
    try:
        other = _chosen(user, request)
        if other is None or kind not in dict(_kinds()):
            raise Http404
        ends = (other, customer) if kind == "supplied_by" else (customer, other)
        kinship.link_customers(
            ends[0],
            other=ends[1],
            kind="partner" if kind == "partner" else "supplies",
            note=note,
            by=user,
            at=timezone.now(),
        )
    except PerennialError as wrong:
        return _form(request, user, customer, {**form, "wrong": in_words(wrong)})
    return done(request, customer, text=_("Saved"), refreshes="groupChanged")


@require_POST
def remove_link(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    link = get_object_or_404(CustomerLink, pk=link_pk)
    if link.pk not in {it.pk for it, _other, _way in links_of(user, customer)}:
        raise Http404
    kinship.unlink_customers(link, by=user, at=timezone.now())
    return done(request, customer, text=_("Link removed"), refreshes="groupChanged")


def _kinds() -> list[tuple[str, str]]:
    return [
        ("supplies", pgettext("link", "supplies")),
        ("supplied_by", pgettext("link", "supplied by")),
        ("partner", pgettext("link", "works with")),
    ]


def _chosen(user: User, request: HttpRequest) -> Customer | None:
    """The ticked customer; None for nobody. Raises KinRefused when none was ticked."""
    ticked = request.POST.get("other", "")
    if ticked == "0":
        return None
    if not ticked:
        raise kinship.KinRefused(_("Choose a customer first."))
    return customer_for(user, whole(ticked) or 0)


def _form(
    request: HttpRequest, user: User, customer: Customer, more: dict[str, Any]
) -> HttpResponse:
    text = asked.text(request.GET if request.method == "GET" else request.POST, "q", most=100)
    found = visible_customers(user).filter(listing.search(text, prefix="")).exclude(pk=customer.pk)
    title = _("Link a customer") if "kinds" in more else _("Parent company")
    context = {
        "customer": customer,
        "found": found.order_by("name")[:MOST_FOUND],
        "q": text,
        "title": title,
        "parent_id": customer.parent_id,
        "sheet": "desk/kin_form.html",
        **more,
    }
    status = 422 if more.get("wrong") else 200
    alone = "HX-Request" not in request.headers
    template = "web/sheet_page.html" if alone else "desk/kin_form.html"
    return render(request, template, context, status=status)
