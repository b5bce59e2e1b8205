"""Edits beside the thing itself: a field in place, a person in a sheet."""

from __future__ import annotations

import json

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perennial.customers import actions, panels
from perennial.customers.forms import field_of
from perennial.customers.models import Customer
from perennial.customers.queries import customer_for
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web.faults import in_words


def _editor(request: HttpRequest, pk: int) -> tuple[User, Customer]:
    """The gate of every edit: a customer in reach (else 404), then the right to edit (else 403)."""
    user = who(request)
    customer = customer_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    return user, customer


@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """GET `?edit=1` gives the form, POST saves; an error stays beside the field (422)."""
    user, customer = _editor(request, pk)
    form_field = field_of(name)
    if form_field is None:
        raise Http404
    if request.method == "GET":
        return _field(request, customer, name, editing="edit" in request.GET)
    typed = request.POST.get("value", "")
    version = request.POST.get("version", "")
    try:
        value = form_field.clean(typed)
        actions.edit_customer(
            customer,
            changes={name: value},
            version=whole(version) or 0,
            by=user,
            at=timezone.now(),
        )
    except ValidationError as wrong:
        return _field(request, customer, name, editing=True, typed=typed, error=wrong.messages[0])
    except PerennialError as wrong:
        customer.refresh_from_db()
        return _field(request, customer, name, editing=True, typed=typed, error=in_words(wrong))
    if "HX-Request" not in request.headers:
        return redirect("desk:customer", pk=pk)
    response = _field(request, customer, name)
    response["HX-Trigger"] = json.dumps({"toast": _("Saved")})
    return response


def _field(
    request: HttpRequest,
    customer: Customer,
    name: str,
    *,
    editing: bool = False,
    typed: str | None = None,
    error: str = "",
) -> HttpResponse:
    form_field = field_of(name)
    assert form_field is not None
    titles = dict(panels.DETAILS_SHOWN)
    stands = form_field.prepare_value(getattr(customer, name))
    context = {
        "customer": customer,
        "detail": panels.Detail(name, str(titles[name]), panels.shown(customer, name)),
        "choices": getattr(form_field, "choices", None),
        "value": stands if typed is None else typed,
        "error": error,
        "can_edit": True,
    }
    template = "customers/field_form.html" if editing else "customers/field.html"
    return render(request, template, context, status=422 if error else 200)
