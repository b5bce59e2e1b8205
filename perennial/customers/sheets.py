"""Sheets over a customer's page: who may open one, how it is drawn, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from perennial.customers.models import Customer
from perennial.customers.queries import customer_for
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who


def editor(request: HttpRequest, pk: int) -> tuple[User, Customer]:
    """A customer in reach (else 404), then the right to edit (else 403)."""
    user = who(request)
    customer = customer_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    return user, customer


def sheet(
    request: HttpRequest,
    form: Form | None,
    *,
    template: str,
    context: Mapping[str, object],
) -> HttpResponse:
    """The form as a sheet; without script as a page of its own."""
    shown: dict[str, object] = {"form": form, **context}
    status = 422 if form is not None and form.errors else 200
    if "HX-Request" in request.headers:
        return render(request, template, shown, status=status)
    return render(request, "web/sheet_page.html", {**shown, "sheet": template}, status=status)


def done(
    request: HttpRequest,
    customer: Customer,
    *,
    text: str,
    refreshes: str,
    undo: str = "",
    tab: str = "",
) -> HttpResponse:
    """Close the sheet, say it (with the address that takes it back) and refresh the cards that
    listen to `refreshes`; without script back to the customer's tab."""
    if "HX-Request" not in request.headers:
        messages.success(request, text)
        page = reverse("desk:customer", args=[customer.pk])
        return redirect(f"{page}?tab={tab}" if tab else page)
    toast: object = {"text": text, "undo": undo} if undo else text
    said = {"toast": toast, "sheet:close": True, refreshes: True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})
