"""Who is credited with one upsell, decided against its window: the sheet, and taking it back."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.contracts.models import OrderKind, OrderLine
from perennial.customers.queries import visible_records
from perennial.revenue.actions.credit import newest, override_credit, undo_credit
from perennial.revenue.models import CreditedTo, CreditOverride
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web import asked
from perennial.web.faults import in_words

SOLD_MORE = (OrderKind.ADDON, OrderKind.RENEWAL)


def _order(user: User, order_id: str) -> OrderLine:
    """The gate: an add-on or renewal of a customer in reach, else it does not exist (404)."""
    lines = OrderLine.objects.filter(order_id=order_id, kind__in=SOLD_MORE, void=False)
    reach = lines.filter(customer__in=visible_records(user)).select_related("customer")
    found = reach.order_by("-recorded_at", "line").first()
    if found is None:
        raise Http404
    require(user, Page.UPSELL_CREDIT)
    return found


@require_http_methods(["GET", "POST"])
def credit(request: HttpRequest) -> HttpResponse:
    """`?order=…`: the form, and what it saves; an error stays beside it (422)."""
    user = who(request)
    require(user, Page.REVENUE)
    order = _order(user, asked.text(request.GET, "order", most=200))
    fault = ""
    if request.method == "POST":
        try:
            kept = override_credit(
                order,
                credited_to=request.POST.get("credited_to", ""),
                reason=asked.text(request.POST, "reason", most=1001),
                by=user,
                at=timezone.now(),
            )
        except InputRefused as refused:
            fault = in_words(refused)
        else:
            return _done(request, _("Credit recorded"), undo=kept)
    held = newest(order.order_id)
    context = {
        "order": order,
        "parties": CreditedTo.choices,
        "held": held if held and not held.void else None,
        "chosen": request.POST.get("credited_to", ""),
        "reason": request.POST.get("reason", ""),
        "fault": fault,
        "sheet": "revenue/credit_form.html",
    }
    whole = "HX-Request" not in request.headers
    template = "web/sheet_page.html" if whole else "revenue/credit_form.html"
    return render(request, template, context, status=422 if fault else 200)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to what held before this decision."""
    user = who(request)
    require(user, Page.REVENUE)
    decided = get_object_or_404(CreditOverride, pk=pk)
    _order(user, decided.order_id)
    try:
        undo_credit(decided, by=user, at=timezone.now())
    except InputRefused as refused:
        return _done(request, in_words(refused), tone="bad")
    return _done(request, _("Credit is as before"))


def _done(
    request: HttpRequest, text: str, *, undo: CreditOverride | None = None, tone: str = ""
) -> HttpResponse:
    """Close the sheet, say it, and let the list refresh itself."""
    if "HX-Request" not in request.headers:
        return redirect("revenue:expansion")
    toast = {"text": text, "tone": tone}
    if undo is not None:
        toast["undo"] = reverse("revenue:undo_credit", args=[undo.pk])
    response = HttpResponse(status=204)
    said = {"toast": toast, "sheet:close": True, "creditChanged": True}
    response["HX-Trigger"] = json.dumps(said)
    return response
