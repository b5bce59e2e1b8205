"""A tag on the chosen customers, or off them: how many it would be, and the way back."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from perennial.customers import tagging
from perennial.customers.models import Customer
from perennial.customers.sheets import sheet
from perennial.desk.queries import as_of
from perennial.desk.segments import filling
from perennial.desk.views.assigning import answer
from perennial.desk.views.customers import chosen
from perennial.team.access import Page, require
from perennial.team.models import AuditEntry
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.web.faults import in_words
from perennial.web.formats import number


@require_http_methods(["GET", "POST"])
def tag(request: HttpRequest) -> HttpResponse:
    """GET says how many have which tag; POST puts one on or takes it off."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    params = request.POST if request.method == "POST" else request.GET
    ids = list(chosen(user, params).values_list("pk", flat=True))
    if request.method == "GET":
        lists = Customer.objects.filter(pk__in=ids).exclude(tags=[]).values_list("tags", flat=True)
        counts = Counter(it for tags in lists for it in tags)
        kept = [(name, value) for name, values in params.lists() for value in values]
        context = {"count": len(ids), "tags": counts.most_common(12), "kept": kept}
        return sheet(request, None, template="desk/tag.html", context=context)
    on = params.get("act") != "remove"
    try:
        cleaned = tagging.clean(params.get("tag", ""))
        entry = tagging.tag_customers(ids, tag=cleaned, on=on, by=user, at=timezone.now())
    except PerennialError as wrong:
        return answer(request, in_words(wrong), tone="bad")
    filling.refill(as_of(), touched={"tags"})
    count = len(entry.detail["customers"])
    told = (
        ngettext(
            "“%(tag)s” put on %(count)s customer", "“%(tag)s” put on %(count)s customers", count
        )
        if on
        else ngettext(
            "“%(tag)s” taken off %(count)s customer",
            "“%(tag)s” taken off %(count)s customers",
            count,
        )
    )
    text = told % {"tag": cleaned, "count": number(count)}
    return answer(request, text, undo=reverse("desk:undo_tag", args=[entry.pk]))


@require_POST
def undo_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back where it still stands so."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    acts = ("customers.tagged", "customers.untagged")
    entry = get_object_or_404(AuditEntry, pk=pk, action__in=acts, by=user)
    try:
        count = tagging.undo_tagging(entry, by=user, at=timezone.now())
    except PerennialError as wrong:
        return answer(request, in_words(wrong), tone="bad")
    filling.refill(as_of(), touched={"tags"})
    text = ngettext("Taken back at %(count)s customer", "Taken back at %(count)s customers", count)
    return answer(request, text % {"count": number(count)})
