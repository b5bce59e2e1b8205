"""Silent customers: the list, and collecting why."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perennial.customers.models import SilenceReason
from perennial.customers.sheets import done, editor, sheet
from perennial.customers.silences import say_why as keep_reason
from perennial.desk import silent as desk
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import as_of
from perennial.team.access import Page, can, require, sees_money
from perennial.team.request import who


class WhyForm(forms.Form):
    reason = forms.ChoiceField(choices=SilenceReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, required=False, strip=True)


@require_GET
def silent(request: HttpRequest) -> HttpResponse:
    """Who is silent, what was tried and why, and who came back in the last year."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    on = as_of()
    reason = request.GET.get("reason", "")
    reason = reason if reason in {"none", *SilenceReason.values} else ""
    context = {
        "listed": desk.listed(user, on=on, reason=reason),
        "totals": desk.totals(user),
        "reasons": desk.reasons(user),
        "reason": reason,
        "recovery": desk.recovery(user, on=on),
        "on": on,
        "money": sees_money(user),
        "can_act": can(user, Page.EDIT_CUSTOMERS),
        "start_url": reverse("playbooks:start"),
    }
    return render(request, "desk/silent.html", context)


@require_http_methods(["GET", "POST"])
def say_why(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet: one of a few reasons, and a note."""
    user, customer = editor(request, pk)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        figures = CustomerFigures.objects.filter(pk=pk).first()
        keep_reason(
            customer,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            silent_since_on=figures.last_seen_on if figures else None,
            by=user,
            at=timezone.now(),
        )
        return done(request, customer, text=_("Reason kept"), refreshes="silentChanged")
    return sheet(
        request,
        form,
        template="desk/silent_why.html",
        context={"customer": customer, "reasons": SilenceReason.choices},
    )
