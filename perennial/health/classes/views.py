"""Pages of tiers, fit and stages: the rules in force, their editor, and acts on one customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.models import ClassRules
from perennial.health.classes.actions import publish
from perennial.health.classes.checks import faults_of
from perennial.health.classes.fields import custom_fields, fields_of
from perennial.health.classes.fit import OWNER, fit_report
from perennial.health.classes.forms import CHOICES, NoteForm, definition_from, stepped
from perennial.health.classes.preview import Book, Preview
from perennial.health.classes.queries import rules_in_force
from perennial.health.classes.rules.definition import FIT, ORDER, STAGE, TIER, of, plain
from perennial.health.classes.rules.shipped import SUGGESTED
from perennial.health.classes.wording import (
    KINDS,
    MEANT,
    OPERATORS,
    conditions,
    otherwise_title,
    rule_title,
    value_title,
)
from perennial.team.access import Page, can, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused, RowError
from perennial.web.faults import in_words

Plain = Mapping[str, Any]


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise Http404
    return kind


@require_GET
def classes(request: HttpRequest, kind: str = TIER) -> HttpResponse:
    """The rules of a kind that are in force: whom each catches, and every version."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    rules = rules_in_force(_known(kind))
    book = Book(user, at=timezone.now())
    shown = book.preview(rules) if book.day else None
    is_fit = kind == FIT and shown is not None and bool(rules.rules)
    context = _frame(user, kind) | {
        "rules": _rows(kind, plain(rules), shown, []),
        "otherwise": otherwise_title(rules),
        "gates": rules.gates,
        "preview": shown,
        "shares": _shares(kind, shown),
        "fit": fit_report(book, by=request.GET.get("by", OWNER)) if is_fit else None,
        "version": rules.version,
        "versions": ClassRules.objects.filter(kind=kind).select_related("by").order_by("-version"),
    }
    return render(request, "health/classes.html", context)


def _frame(user: User, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": KINDS[kind],
        "meant": MEANT[kind],
        "kinds": [(it, KINDS[it]) for it in reversed(ORDER)],
        "can_edit": can(user, Page.CUSTOMER_RULES),
        "money": sees_money(user),
        "is_stage": kind == STAGE,
    }


def _rows(
    kind: str, definition: Plain, shown: Preview | None, faults: list[RowError]
) -> list[dict[str, Any]]:
    """The rules as the pages show them, each with what is wrong and whom it catches."""
    fields = fields_of(kind, custom=custom_fields())
    rows = []
    for at, rule in enumerate(definition["rules"]):
        reach = shown.reach[at] if shown else None
        rows.append(
            {
                **rule,
                "at": at,
                "shown": rule_title(rule),
                "value_title": value_title(kind, rule["value"]) if rule["value"] else "",
                "conditions": conditions(rule["when"], fields),
                "reach": reach,
                "faults": [
                    in_words(it) for it in faults if (it.column or "").startswith(f"rules.{at}")
                ],
            }
        )
    return rows


def _shares(kind: str, shown: Preview | None) -> list[dict[str, Any]]:
    if shown is None:
        return []
    whole = max(shown.whole, 1)
    return [
        {
            "share": it,
            "title": value_title(kind, it.value),
            "rate": it.after / whole,
            "difference": it.after - it.before,
        }
        for it in shown.shares
    ]


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str) -> HttpResponse:
    """GET: the rules in force, or where to begin. POST: a step of the form, or publish."""
    user = who(request)
    require(user, Page.CUSTOMER_RULES)
    in_force = rules_in_force(_known(kind))
    definition = plain(in_force if in_force.rules else SUGGESTED[kind])
    if request.method == "GET":
        return _editor(request, user, kind, definition)
    definition = definition_from(request.POST, kind)
    do = request.POST.get("do", "preview")
    if do != "publish":
        return _editor(request, user, kind, stepped(definition, do, request.POST))
    note = NoteForm(request.POST)
    try:
        kept = publish(
            kind,
            definition,
            note=note.cleaned_data["note"] if note.is_valid() else "",
            by=user,
            at=timezone.now(),
        )
    except InputRefused:
        return _editor(request, user, kind, definition, status=422)
    if kept is None:
        messages.info(request, _("These rules are in force already."))
    else:
        messages.success(request, _("Version %(version)s counts.") % {"version": kept.version})
    address = reverse("health:classes_of", args=[kind])
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _editor(
    request: HttpRequest, user: User, kind: str, definition: Plain, *, status: int = 200
) -> HttpResponse:
    faults = faults_of(kind, definition)
    book = Book(user, at=timezone.now())
    shown = None if faults or book.day is None else book.preview(of(kind, definition))
    context = _frame(user, kind) | {
        "definition": definition,
        "rules": _rows(kind, definition, shown, faults),
        "wrong": [in_words(it) for it in faults if not (it.column or "").startswith("rules.")],
        "has_faults": bool(faults),
        "fields": fields_of(kind, custom=custom_fields()),
        "operators": OPERATORS,
        "values": CHOICES[kind],
        "products": _products(definition),
        "note": request.POST.get("note", ""),
        "next": rules_in_force(kind).version + 1,
        **_previewed(kind, shown, book),
    }
    partial = "HX-Request" in request.headers
    template = "health/_class_editor.html" if partial else "health/class_edit.html"
    return render(request, template, context, status=status)


def _products(definition: Plain) -> str:
    products = definition.get("gates", {}).get("products", {})
    return "\n".join(f"{name} {days}" for name, days in products.items())


def _previewed(kind: str, shown: Preview | None, book: Book) -> dict[str, Any]:
    return {
        "preview": shown,
        "no_day": book.day is None,
        "shares": _shares(kind, shown),
        "moved": [
            (it, value_title(kind, it.before), value_title(kind, it.after))
            for it in (shown.moved if shown else ())
        ],
    }


@require_POST
def preview(request: HttpRequest, kind: str) -> HttpResponse:
    """Who would change by the rules as they are typed."""
    user = who(request)
    require(user, Page.CUSTOMER_RULES)
    definition = definition_from(request.POST, _known(kind))
    faults = faults_of(kind, definition)
    book = Book(user, at=timezone.now())
    shown = None if faults or book.day is None else book.preview(of(kind, definition))
    context = _frame(user, kind) | {
        "rules": _rows(kind, definition, shown, faults),
        "wrong": [in_words(it) for it in faults],
        "has_faults": bool(faults),
        **_previewed(kind, shown, book),
    }
    return render(request, "health/_class_preview.html", context)
