"""Sheets over a customer's page: who may open one, how it is drawn, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

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
    request: HttpRequest, form: Form, *, template: str, context: Mapping[str, object]
) -> HttpResponse:
    """The form as a sheet; without script as a page of its own."""
    shown: dict[str, object] = {"form": form, **context}
    status = 422 if form.errors else 200
    if "HX-Request" in request.headers:
        return render(request, template, shown, status=status)
    return render(request, "web/sheet_page.html", {**shown, "sheet": template}, status=status)


def done(request: HttpRequest, customer: Customer, *, text: str, refreshes: str) -> HttpResponse:
    """Close the sheet and refresh the card that listens to `refreshes`; without script back to
    the customer."""
    if "HX-Request" not in request.headers:
        messages.success(request, text)
        return redirect("desk:customer", pk=customer.pk)
    said = {"toast": text, "sheet:close": True, refreshes: True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})
