"""Pages of segments: the list, one of them, the builder, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.actions import EditConflict
from perennial.customers.filter_words import in_words as in_words_of
from perennial.customers.filters import Field, FilterRefused, compile_filter, parse
from perennial.customers.models import Segment
from perennial.customers.queries import visible_customers
from perennial.customers.segments import actions
from perennial.customers.segments.queries import segment_for
from perennial.desk import customers as listing
from perennial.desk.facets import owner_names
from perennial.desk.fields import fields_for
from perennial.desk.queries import as_of, visible_figures
from perennial.desk.rows import rows
from perennial.desk.segments import filling, shown, wording
from perennial.desk.segments.forms import Draft, draft_of, empty, groups_of_fields, sent
from perennial.desk.segments.uses import uses
from perennial.team.access import Page, books, can, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.web.formats import named
from perennial.web.fragments import wants


def _reader(request: HttpRequest) -> User:
    user = who(request)
    require(user, Page.CUSTOMERS)
    return user


def _found(user: User, name: str, fields: Sequence[Field]) -> Segment:
    """One that this user may read, or 404: of somebody else, or by amounts that the role does
    not see."""
    segment = segment_for(user, name)
    if segment.name not in shown.readable(user, fields):
        raise Http404
    return segment


def may_change(user: User, segment: Segment) -> bool:
    """The own; everybody's also by those who define the team's work."""
    return segment.owner_id == user.pk or (segment.shared and can(user, Page.WORK_DEFINITIONS))


@require_GET
def segments(request: HttpRequest) -> HttpResponse:
    user = _reader(request)
    on, retired = as_of(), request.GET.get("retired") == "yes"
    context = {
        "listed": shown.listed(user, on=on, retired=retired),
        "is_retired": retired,
        "used_in": uses(),
        "on": on,
        "is_all": visible_customers(user).exists(),
    }
    return render(request, "desk/segments.html", context)


@require_GET
def segment(request: HttpRequest, name: str) -> HttpResponse:
    """Who is in, who came and left, how its size went."""
    user = _reader(request)
    fields, on = fields_for(user), as_of()
    found = _found(user, name, fields)
    days = whole(request.GET.get("days", "")) or 0
    days = days if days in shown.LATELY_DAYS else 30
    figures = shown.figures_of(user, found, on=on)
    money = sees_money(user)
    first = listing.ordered(figures, "-arr" if money else "name")[: shown.MOST_SHOWN]
    sizes = shown.sizes(user, found, on=on)
    context = {
        "segment": found,
        "title": named(found.title_zh, found.title_en),
        "words": shown.words(found, {it.name: it for it in fields}, owner_names(user)),
        "summary": listing.summary(figures, on=on, money=money),
        "rows": rows(first, on=on),
        "came": shown.came(user, found, on=on, days=days),
        "left": shown.left(user, found, on=on, days=days, fields=fields),
        "sizes": sizes,
        "days": days,
        "spans": shown.LATELY_DAYS,
        "on": on,
        "money": money,
        "used_in": uses().get(found.name, []),
        "can_change": may_change(user, found),
        "can_enrol": can(user, Page.EDIT_CUSTOMERS),
    }
    return render(request, "desk/segment.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The builder, also with a filter of the customer list to begin with."""
    user = _reader(request)
    fields = fields_for(user)
    if request.method == "GET":
        return _builder(
            request, user, fields, empty(request.GET.get("filter", ""), fields, user=user)
        )
    draft = sent(request.POST, fields, user=user)
    return _kept(request, user, fields, draft, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    user = _reader(request)
    fields = fields_for(user)
    found = _found(user, name, fields)
    if not may_change(user, found):
        raise PermissionDenied
    if request.method == "GET":
        return _builder(request, user, fields, draft_of(found, fields), found)
    return _kept(request, user, fields, sent(request.POST, fields, user=user, name=name), found)


def _kept(
    request: HttpRequest, user: User, fields: Sequence[Field], draft: Draft, found: Segment | None
) -> HttpResponse:
    """Save it, or show the builder after its button."""
    if request.POST.get("do") != "save" or draft.refused:
        return _builder(request, user, fields, draft, found)
    wanted, now = draft.wanted, timezone.now()
    if wanted.shared and not can(user, Page.EDIT_CUSTOMERS):
        raise PermissionDenied
    try:
        with transaction.atomic():
            compile_filter(parse(wanted.filter), fields, as_of=as_of(), user_id=user.pk)
            if found is None:
                made = actions.make_segment(wanted, by=user, at=now)
            else:
                made = actions.change_segment(found, wanted, version=draft.version, by=user, at=now)
            filling.fill(as_of(), only={made.name})
    except PerennialError as wrong:
        conflict = isinstance(wrong, EditConflict)
        return _builder(request, user, fields, draft, found, wrong=wrong, conflict=conflict)
    messages.success(
        request, _("Segment “%(title)s” is saved.") % {"title": named(made.title_zh, made.title_en)}
    )
    if "HX-Request" in request.headers:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = _address(made)
        return response
    return redirect(_address(made))


def _address(segment: Segment) -> str:
    return reverse("segments:segment", args=[segment.name])


def _builder(
    request: HttpRequest,
    user: User,
    fields: Sequence[Field],
    draft: Draft,
    found: Segment | None = None,
    *,
    wrong: PerennialError | None = None,
    conflict: bool = False,
) -> HttpResponse:
    """The builder with a live count of what it means so far."""
    on, owners = as_of(), owner_names(user)
    known = {it.name: it for it in fields}
    refused: PerennialError | None = wrong or draft.refused
    summary, told = None, ""
    try:
        summary = _summary(user, fields, draft.wanted.filter)
        told = in_words_of(parse(draft.wanted.filter), known, owners)
    except FilterRefused as unread:
        refused = refused or unread
    context: dict[str, Any] = {
        "draft": draft,
        "segment": found,
        "groups": wording.groups(draft.built, known, owners),
        "fields": [it for it in groups_of_fields(fields) if it.choices != (("-", "–"),)],
        "known": wording.known_values(user, draft.built, known),
        "summary": summary,
        "words": told,
        "whole": visible_customers(user).count(),
        "money": sees_money(user),
        "wrong": in_words(refused) if refused else "",
        "now": Segment.objects.filter(pk=found.pk).first() if conflict and found else None,
        "can_share": can(user, Page.EDIT_CUSTOMERS),
        "on": on,
    }
    template = (
        "desk/segment_builder.html" if wants(request, "builder") else "desk/segment_edit.html"
    )
    return render(request, template, context, status=422 if wrong else 200)


def _summary(user: User, fields: Sequence[Field], text: str) -> listing.Summary:
    """The visible customers that a filter means. Raises FilterRefused."""
    on = as_of()
    meant = compile_filter(parse(text), fields, as_of=on, user_id=user.pk, books=books(user))
    return listing.summary(visible_figures(user).filter(meant), on=on, money=sees_money(user))


@require_POST
def retire(request: HttpRequest, name: str) -> HttpResponse:
    """Offer it no more; it goes on where it is used."""
    user, found = _changer(request, name)
    return _ended(
        request,
        lambda: actions.retire_segment(found, by=user, at=timezone.now()),
        _("Segment “%(title)s” is retired."),
        found,
    )


@require_POST
def restore(request: HttpRequest, name: str) -> HttpResponse:
    user, found = _changer(request, name)
    return _ended(
        request,
        lambda: actions.restore_segment(found, by=user, at=timezone.now()),
        _("Segment “%(title)s” is offered again."),
        found,
    )


@require_POST
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Delete it with its history, where nothing uses it."""
    user, found = _changer(request, name)
    used = uses().get(found.name, [])
    return _ended(
        request,
        lambda: actions.remove_segment(found, used_in=used, by=user, at=timezone.now()),
        _("Segment “%(title)s” is deleted."),
        found,
    )


def _changer(request: HttpRequest, name: str) -> tuple[User, Segment]:
    user = _reader(request)
    found = _found(user, name, fields_for(user))
    if not may_change(user, found):
        raise PermissionDenied
    return user, found


def _ended(request: HttpRequest, act: Any, text: str, segment: Segment) -> HttpResponse:
    try:
        act()
    except PerennialError as wrong:
        messages.error(request, in_words(wrong))
        return redirect("segments:segment", name=segment.name)
    messages.success(request, text % {"title": named(segment.title_zh, segment.title_en)})
    return redirect("segments:list")
