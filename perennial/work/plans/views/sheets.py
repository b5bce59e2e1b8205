"""Every edit of a plan is the same sheet: a form, an act, a conflict shown with both values, and
a toast that undoes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from perennial.customers.actions import EditConflict
from perennial.customers.models import Customer
from perennial.customers.sheets import done, sheet
from perennial.team.access import Page, require
from perennial.team.models import AuditEntry, User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.web.faults import in_words
from perennial.work.models import Plan
from perennial.work.plans.queries import plan_for

CHANGED = "plansChanged"  # what the cards and pages of plans listen to
TAB = "plan"

Act = Callable[[], AuditEntry | None]


def today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


def plan_editor(request: HttpRequest, pk: int) -> tuple[User, Plan]:
    """A plan in reach (else 404), then the right to edit (else 403)."""
    user = who(request)
    plan = plan_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    return user, plan


def run(
    request: HttpRequest,
    customer: Customer,
    form: Form,
    act: Act,
    *,
    title: str,
    said: str,
    context: Mapping[str, object] | None = None,
    row: Any = None,
) -> HttpResponse:
    """Show the form; when it is sent and right, act. `row` is what is edited: after a conflict
    its present values stand beside those typed."""
    if request.method == "POST" and form.is_valid():
        try:
            entry = act()
        except EditConflict as conflict:
            form.add_error(None, in_words(conflict))
            _take_newest(form, row)
        except InputRefused as refused:
            column = refused.column if refused.column in form.fields else None
            form.add_error(column, in_words(refused))
        else:
            return finished(request, customer, entry, said=said)
    shown: dict[str, object] = {"title": title, "customer": customer, "here": request.path}
    return sheet(
        request, form, template="work/plans/form.html", context={**shown, **(context or {})}
    )


def finished(
    request: HttpRequest, customer: Customer, entry: AuditEntry | None, *, said: str
) -> HttpResponse:
    """Close the sheet, say it, offer undo."""
    undo = reverse("plans:undo", args=[entry.pk]) if entry else ""
    return done(request, customer, text=said, refreshes=CHANGED, undo=undo, tab=TAB)


def refused(request: HttpRequest, customer: Customer, error: InputRefused) -> HttpResponse:
    """An act without a form that cannot be done: the sentence as a toast, and fresh cards."""
    return done(request, customer, text=in_words(error), refreshes=CHANGED, tab=TAB)


def _take_newest(form: Form, row: Any) -> None:
    """The next save is against the newest version; what stands now is told field by field."""
    row.refresh_from_db()
    typed = QueryDict(mutable=True)
    typed.update(form.data)
    typed["version"] = str(row.version)
    form.data = typed
    form.now = [  # type: ignore[attr-defined]
        (field.label, value)
        for field in form.visible_fields()
        if (value := _stands(row, field.name)) not in (None, "")
        and str(value) != str(form.cleaned_data.get(field.name, ""))
    ]


def _stands(row: Any, name: str) -> object:
    value = getattr(row, name, None)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    display = getattr(row, f"get_{name}_display", None)
    return display() if display else value
