"""The chosen customers, or all that match, into a playbook."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from perennial.desk.views.customers import chosen
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.work.playbooks.taking_in import take_in


@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Who is meant is said by the list's own address, so that thousands need no field each."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    params = request.POST if request.method == "POST" else request.GET
    ids = list(chosen(user, params).values_list("pk", flat=True))
    kept = [(name, value) for name, values in params.lists() for value in values]
    return take_in(request, user, ids=ids, kept=kept, here=reverse("desk:enrol"))
