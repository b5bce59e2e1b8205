"""The cohort table (同期群): a page of its own, and the same as a part of the Revenue page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.revenue.queries import Book
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.cohorts import By, CohortsAsked, cohort_table
from perennial.revenue.rules.cohorts import CohortMetric, CohortTable
from perennial.revenue.shown.heat import Row, heat_rows
from perennial.revenue.views.frame import clock_of, frame
from perennial.revenue.wording import figures as wording
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.units.money import round_half_up
from perennial.units.period import Grain
from perennial.web.download import csv_file

GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def _asked(request: HttpRequest, clock: Clock) -> CohortsAsked:
    """What the address asks for; NRR by quarter when it does not say."""
    get = request.GET.get
    return CohortsAsked(
        metric=next((it for it in CohortMetric if it == get("metric")), CohortMetric.NRR),
        grain=next((it for it in GRAINS if it == get("cohort")), Grain.QUARTER),
        by=By.CYCLE if get("by") == By.CYCLE else By.PERIOD,
        as_of=clock.as_of,
        today=business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE),
    )


@require_GET
def cohorts(request: HttpRequest) -> HttpResponse:
    """The whole page, or for htmx the table with its switches."""
    clock = clock_of(request)
    book = Book(who(request), clock.known_on)
    asked = _asked(request, clock)
    table = cohort_table(book, asked)
    around: dict[str, Any] = frame(request, clock) | {
        "asked": asked,
        "rows": heat_rows(table),
        "columns": range(len(table.total)),
        "total": Row.total(table),
        "metrics": wording.COHORT_METRICS.items(),
        "grains": [(it, wording.GRAINS[it]) for it in GRAINS],
        "bys": [(it, wording.COHORT_COLUMNS[it.value]) for it in By],
        "definition": wording.COHORT_DEFINITIONS[asked.metric],
        "cycle_definition": wording.COHORT_CYCLE if asked.by is By.CYCLE else "",
        "missing": book.missing(),
        "has_any": any(row.size for row in table.rows),
    }
    is_part = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    return render(request, "revenue/_cohorts.html" if is_part else "revenue/cohorts.html", around)


@require_GET
def cohorts_csv(request: HttpRequest) -> HttpResponse:
    """The table as it is shown: shares to six digits, what is not over is empty."""
    require(who(request), Page.EXPORT)
    clock = clock_of(request)
    asked = _asked(request, clock)
    table = cohort_table(Book(who(request), clock.known_on), asked)
    name = f"cohorts-{asked.metric}-{asked.grain}-{asked.by}.csv"
    columns = ["cohort", "size", "start_mrr", *(str(k) for k in range(len(table.total)))]
    return csv_file(name, columns=columns, rows=_csv_rows(table))


def _csv_rows(table: CohortTable) -> list[list[object]]:
    rows = [
        [
            row.period.label,
            row.size,
            "" if row.start_mrr is None else round_half_up(row.start_mrr),
            *(_share(cell) for cell in row.cells),
        ]
        for row in table.rows
    ]
    return [*rows, ["total", "", "", *(_share(cell) for cell in table.total)]]


def _share(rate: Any) -> object:
    return "" if rate is None else round_half_up(rate, places=6)
