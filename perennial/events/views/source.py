"""One source: its figures, keys and settings; rotate, revoke, retire."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.events import actions
from perennial.events.forms import RotateForm, SettingsForm
from perennial.events.models import Source
from perennial.events.pictures import hours_chart
from perennial.events.queries.arrivals import arrivals_of
from perennial.events.queries.sources import audit_of, keys_of, source_for
from perennial.events.snippets import snippets
from perennial.events.views.frame import frame, host_of
from perennial.events.views.sources import key_page, row_of
from perennial.events.wording import audit_line
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web import asked
from perennial.web.faults import in_words

HOURS_DRAWN = 48


@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; POST changes the settings (422 with the error beside the field)."""
    user = who(request)
    require(user, Page.SOURCES)
    held = source_for(pk)
    form = SettingsForm(request.POST if request.method == "POST" else None, source=held)
    if form.is_valid():
        try:
            actions.change_source(held, settings=form.settings(), by=user, at=timezone.now())
        except InputRefused as refused:
            form.add_error(_field(form, refused), in_words(refused))
        else:
            messages.success(request, _("Saved"))
            return redirect("events:source", pk=held.pk)
    status = 422 if form.errors else 200
    return render(request, "events/source.html", _page(request, held, form), status=status)


def _field(form: SettingsForm, refused: InputRefused) -> str | None:
    """The field at fault; sizes are shown in kilobytes."""
    name = (refused.column or "").replace("_bytes", "_kilobytes")
    return name if name in form.fields else None


def _page(request: HttpRequest, held: Source, form: SettingsForm) -> dict[str, Any]:
    now = timezone.now()
    (found,) = arrivals_of([held], now=now)
    keys = keys_of([held], at=now)[held.pk]
    by_hour = found.by_hour(HOURS_DRAWN)
    return frame(request) | {
        "source": held,
        "row": row_of(found, keys),
        "day": found.day,
        "keys": keys,
        "form": form,
        "rotate": RotateForm(),
        "chart": hours_chart(by_hour),
        "hours": by_hour[::-1],
        "snippets": snippets(held.kind, host=host_of(request)),
        "history": [(entry, audit_line(entry.action, entry.detail)) for entry in audit_of(held)],
    }


@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key, shown once; the old one goes on as long as chosen."""
    user = who(request)
    require(user, Page.SOURCES)
    held = source_for(pk)
    form = RotateForm(request.POST)
    if form.is_valid():
        try:
            key = actions.rotate_key(held, overlap=form.time(), by=user, at=timezone.now())
        except InputRefused as refused:
            messages.error(request, in_words(refused))
        else:
            return key_page(request, held, key, title=_("The new key of %(name)s") % {"name": held})
    return redirect("events:source", pk=held.pk)


@require_POST
def revoke(request: HttpRequest, pk: int, key_pk: int) -> HttpResponse:
    user = who(request)
    require(user, Page.SOURCES)
    held = source_for(pk)
    key = held.keys.filter(pk=key_pk).first()
    if key is None:
        raise Http404
    try:
        actions.revoke_key(key, by=user, at=timezone.now())
        messages.success(request, _("The key …%(hint)s is revoked.") % {"hint": key.hint})
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    return redirect("events:source", pk=held.pk)


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """For ever, so the name has to be typed."""
    user = who(request)
    require(user, Page.SOURCES)
    held = source_for(pk)
    if asked.text(request.POST, "name", most=100) != held.name:
        messages.error(request, _("Type the name of the source to retire it."))
        return redirect("events:source", pk=held.pk)
    try:
        actions.retire_source(held, by=user, at=timezone.now())
        messages.success(request, _("%(name)s is retired.") % {"name": held.name})
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    return redirect("events:sources")
