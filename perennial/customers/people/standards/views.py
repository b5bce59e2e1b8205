"""Pages of the grade standards: who is S, A or B; an editor that shows whom it would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.actions import EditConflict
from perennial.customers.models import GradeStandard
from perennial.customers.people.rules.grading import GRADES, Standard, of, plain
from perennial.customers.people.rules.shipped import SHIPPED
from perennial.customers.people.standards.actions import drop_standard, save_standard
from perennial.customers.people.standards.checks import MOST_ROWS, faults_of
from perennial.customers.people.standards.forms import BLANK_ROWS, definition_from
from perennial.customers.people.standards.queries import (
    products_in_use,
    regrading,
    standards,
    written,
)
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.web.formats import chinese

LONGEST = 100  # of a product's name


@require_GET
def grades(request: HttpRequest) -> HttpResponse:
    """Every standard in force, and the products that follow the one for all others."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    known = standards()
    by_hand = set(GradeStandard.objects.values_list("product", flat=True))
    context = {
        "tab": "grades",
        "standards": [_shown(it, is_shipped=it.product not in by_hand) for it in known.values()],
        "others": [it for it in products_in_use() if it not in known],
        "can_edit": can(user, Page.WORK_DEFINITIONS),
    }
    return render(request, "customers/standards/grades.html", context)


def _shown(standard: Standard, *, is_shipped: bool) -> dict[str, Any]:
    language = "zh" if chinese() else "en"
    return {
        "product": standard.product,
        "rows": standard.rows,
        "grades": [
            (it, standard.cadence_days.get(it), standard.service.get(it, {}).get(language, ""))
            for it in GRADES
        ],
        "is_shipped": is_shipped,
    }


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """`?product=`: the standard of a product; empty: the one for all others."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    product = _product(request)
    standard, version = written(product)
    if request.method == "GET":
        start = standard or standards()[""]
        return _editor(request, user, product, plain(start), version=version)
    definition = definition_from(request.POST)
    version = whole(request.POST.get("version", "")) or 0
    files_too = "files_too" in request.POST
    try:
        count = save_standard(
            product,
            definition,
            version=version,
            files_too=files_too,
            by=user,
            at=timezone.now(),
        )
    except EditConflict as wrong:
        return _editor(
            request, user, product, definition, version=version, error=in_words(wrong), status=422
        )
    except InputRefused:
        return _editor(request, user, product, definition, version=version, status=422)
    text = ngettext("Saved; %(n)s person graded anew", "Saved; %(n)s people graded anew", count)
    messages.success(request, text % {"n": count})
    return redirect("customers:grades")


def _product(request: HttpRequest) -> str:
    product = request.GET.get("product", "").strip()
    if len(product) > LONGEST:
        raise Http404
    return product


def _editor(
    request: HttpRequest,
    user: User,
    product: str,
    definition: Mapping[str, Any],
    *,
    version: int,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    rows = [
        {"grade": it.get("grade", ""), "words": ", ".join(map(str, it.get("words", ())))}
        for it in definition["grades"]
    ]
    blank = min(BLANK_ROWS, max(MOST_ROWS - len(rows), 0))
    context = {
        "tab": "grades",
        "product": product,
        "version": version,
        "rows": [*rows, *({"grade": "", "words": ""} for _at in range(blank))],
        "grades": [
            (
                it,
                definition.get("cadence_days", {}).get(it, ""),
                definition.get("service", {}).get(it, {}),
            )
            for it in GRADES
        ],
        "error": error,
        "is_shipped": product in SHIPPED,
        **_previewed(user, product, definition, files_too="files_too" in request.POST),
    }
    return render(request, "customers/standards/grade_edit.html", context, status=status)


def _previewed(
    user: User, product: str, definition: Mapping[str, Any], *, files_too: bool
) -> dict[str, Any]:
    faults = faults_of(definition)
    wanted = None if faults else {**standards(), product: of(product, definition)}
    return {
        "faults": [in_words(it) for it in faults],
        "files_too": files_too,
        "preview": regrading(user, wanted, files_too=files_too) if wanted else None,
    }


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Who would change, while somebody types."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    found = _previewed(
        user,
        _product(request),
        definition_from(request.POST),
        files_too="files_too" in request.POST,
    )
    return render(request, "customers/standards/_grade_preview.html", found)


@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """Back to what we ship, or to the standard for all others."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    try:
        drop_standard(_product(request), by=user, at=timezone.now())
        messages.success(request, _("The standard is as shipped again"))
    except InputRefused as wrong:
        messages.error(request, in_words(wrong))
    return redirect("customers:grades")
