"""The catalogue, and one metric: what it means, its course, and who stands behind it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perennial.events.models import Feature
from perennial.metrics.forms import DIMENSIONS, GRAINS, QuestionForm
from perennial.metrics.queries.book import Looked, states_of
from perennial.metrics.queries.named import Named, all_metrics
from perennial.metrics.queries.own import activity_rule, goals
from perennial.metrics.rules.periods import By, Grain
from perennial.metrics.rules.states import State
from perennial.metrics.views.asked import figures_for, named_or_404, today, whose
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.web.download import csv_file

PER_PAGE = 50


@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every metric; its course is asked for when the card comes into view."""
    user = who(request)
    require(user, Page.METRICS)
    states = states_of(user, as_of=today())
    context = {
        "metrics": all_metrics(),
        "whose": whose(user),
        "active": states[State.ACTIVE],
        "inactive": states[State.INACTIVE],
        "silent": states[State.SILENT],
        "unseen": states[None],
        "rule": activity_rule(),
        "goals": len(goals()),
        "can_define": can(user, Page.METRIC_DEFINITIONS),
    }
    return render(request, "metrics/catalogue.html", context)


@require_GET
def card(request: HttpRequest, name: str) -> HttpResponse:
    """The course of a metric over twelve weeks, for its card."""
    user = who(request)
    require(user, Page.METRICS)
    figures = figures_for(user, Looked(named_or_404(name)))
    return render(request, "metrics/_card.html", {"figures": figures})


def _looked(named: Named, form: QuestionForm) -> Looked:
    """The question as far as it can be read; the form says what cannot."""
    form.is_valid()
    given = form.cleaned_data
    return Looked(
        named,
        Grain(given.get("grain") or Grain.WEEK),
        By(given.get("by") or By.CUSTOMER),
        given.get("window"),
        given.get("event") or None,
        given.get("where") or (),
    )


@require_GET
def metric(request: HttpRequest, name: str) -> HttpResponse:
    """One metric: the question in the address, its chart, and the customers behind it."""
    user = who(request)
    require(user, Page.METRICS)
    named = named_or_404(name)
    form = QuestionForm(request.GET, named=named)
    looked = _looked(named, form)
    figures = figures_for(user, looked)
    page = Paginator(figures.rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "named": named,
        "form": form,
        "looked": looked,
        "figures": figures,
        "chart": figures.chart() if figures.has_chart else "",
        "page": page,
        "grains": GRAINS.items(),
        "dimension": DIMENSIONS[looked.by],
        "whose": whose(user),
        "features": Feature.objects.order_by("name").values_list("name", flat=True),
        "can_define": can(user, Page.METRIC_DEFINITIONS),
    }
    status = 422 if form.errors else 200
    return render(request, "metrics/metric.html", context, status=status)


@require_GET
def metric_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The lines of the last whole period, as a file."""
    user = who(request)
    require(user, Page.METRICS)
    named = named_or_404(name)
    looked = _looked(named, QuestionForm(request.GET, named=named))
    figures = figures_for(user, looked)
    last = figures.answer.last
    columns = (_("From"), _("To"), str(DIMENSIONS[looked.by]), str(named.title), _("Coverage"))
    rows = [
        (last.first_on, last.last_on, line.of, line.value, line.coverage)
        for line in figures.answer.lines
    ]
    return csv_file(f"{named.name}-{last.last_on}.csv", columns=columns, rows=rows)
