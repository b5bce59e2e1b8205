"""Closes (封账): the frozen periods, each as it was frozen and what became of it since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perennial.revenue import actions
from perennial.revenue.documents.close import canonical
from perennial.revenue.forms import CloseForm, read_period
from perennial.revenue.models import Close
from perennial.revenue.queries import Book
from perennial.revenue.queries.closes import closes as all_closes
from perennial.revenue.queries.closes import (
    definitions_of,
    document_of,
    frozen,
    is_intact,
    kept_lines,
)
from perennial.revenue.queries.restatements import corrected, restated
from perennial.revenue.views.frame import clock_of, frame, last_on
from perennial.revenue.wording import figures as wording
from perennial.revenue.wording.questions import active
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.money import round_half_up
from perennial.units.period import ONE_DAY
from perennial.web.download import csv_file
from perennial.web.faults import in_words

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
def closes(request: HttpRequest) -> HttpResponse:
    """The list of closes, and the form that makes one."""
    user = who(request)
    require(user, Page.COMPANY_REVENUE)
    yesterday = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE) - timedelta(days=1)
    form = CloseForm(
        request.POST if request.method == "POST" else None,
        last_on=last_on(),
        known_on=yesterday,
        chosen=request.GET.get("period", ""),
    )
    if request.method == "POST":
        require(user, Page.REVENUE_DECISIONS)
        if form.is_valid() and (made := _close(request, form)):
            messages.success(request, _("%(period)s is closed.") % {"period": made.period})
            return redirect("revenue:close", pk=made.pk)
    more = {
        "closes": [(it, restated_end(it.pk)) for it in all_closes()],
        "form": form,
    }
    status = 422 if form.errors else 200
    around = frame(request, clock_of(request))
    return render(request, "revenue/closes.html", around | more, status=status)


def restated_end(pk: int) -> Any:
    """The last line of the report of a close, frozen and restated."""
    return restated(Close.objects.get(pk=pk))[-1]


def _close(request: HttpRequest, form: CloseForm) -> Close | None:
    given = form.cleaned_data
    period = read_period(given["period"])
    assert period is not None, "the form offers periods only"
    try:
        return actions.close_period(
            period,
            known_on=given["known_on"],
            note=given["note"],
            by=who(request),
            at=timezone.now(),
        )
    except InputRefused as refused:
        form.add_error(None, in_words(refused))
        return None


def _found(request: HttpRequest, pk: int) -> Close:
    require(who(request), Page.COMPANY_REVENUE)
    rows = Close.objects.filter(currency=settings.PERENNIAL_CURRENCY)
    return get_object_or_404(rows.select_related("made_by"), pk=pk)


@require_GET
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """One close, word for word, its fingerprint, and its restatements."""
    kept = _found(request, pk)
    prefetch_related_objects([kept], "lines")  # read once: compared, and proved intact
    changed = corrected(kept, Book(who(request)))
    page = Paginator(changed, PER_PAGE).get_page(request.GET.get("page"))
    more = {
        "close": kept,
        "frozen": frozen(kept),
        "figures": kept.figures,
        "period_row": kept.figures["net"]["periods"][0],
        "retention": kept.figures["retention"],
        "renewals": kept.figures["renewals"],
        "rows": restated(kept),
        "titles": wording.titles(),
        "corrected": page,
        "changed": len(changed),
        "is_intact": is_intact(kept),
        "next_on": kept.last_on + ONE_DAY,
    }
    used = [(it.title, value, ours) for it, value, ours in active(definitions_of(kept))]
    around = frame(request, clock_of(request)) | {"definitions_used": used}
    return render(request, "revenue/close.html", around | more)


@require_GET
def close_json(request: HttpRequest, pk: int) -> HttpResponse:
    """All that was frozen, byte for byte: its SHA-256 is the fingerprint. It names the customers
    of every team, so that it is for those who see them all."""
    require(who(request), Page.REVENUE_DECISIONS)
    kept = _found(request, pk)
    answer = HttpResponse(
        canonical(document_of(kept, kept.lines.all())), content_type="application/json"
    )
    answer["Content-Disposition"] = f'attachment; filename="close-{kept.period}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def close_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The frozen customers: exactly what makes up the frozen figures."""
    require(who(request), Page.EXPORT)
    kept = _found(request, pk)
    book = Book(who(request))
    columns = ["customer_id", "name", "unit", "before_mrr", "after_mrr", "kind", "currency"]
    return csv_file(
        f"close-{kept.period}.csv",
        columns=columns,
        rows=_rows(kept, book),
    )


def _rows(kept: Close, book: Book) -> Iterator[list[object]]:
    lines = kept_lines(kept)
    names = book.named(sorted({line.customer_id for line in lines}))
    for line in lines:
        customer = names[line.customer_id]
        yield [
            customer.external_id,
            customer.name,
            line.unit,
            round_half_up(line.before),
            round_half_up(line.after),
            line.kind,
            kept.currency,
        ]


@require_GET
def restatement_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """What corrections changed since, by customer."""
    require(who(request), Page.EXPORT)
    kept = _found(request, pk)
    columns = [
        "customer_id", "name", "unit", "kind", "kind_now", "before_mrr", "before_mrr_now",
        "after_mrr", "after_mrr_now", "change", "currency",
    ]  # fmt: skip
    rows = (
        [
            it.customer.external_id,
            it.customer.name,
            it.unit,
            it.kind,
            it.kind_now,
            *(
                round_half_up(amount)
                for amount in (it.before, it.before_now, it.after, it.after_now, it.change)
            ),
            kept.currency,
        ]
        for it in corrected(kept, Book(who(request)))
    )
    return csv_file(f"restatement-{kept.period}.csv", columns=columns, rows=rows)
