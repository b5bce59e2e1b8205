"""Keeping a list as a saved view, tidying the views, and dropping one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.models import SavedView
from perennial.customers.sheets import sheet
from perennial.desk import customers as listing
from perennial.desk import keeping
from perennial.desk.columns import choices
from perennial.desk.saved import default_key, views_for
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web import asked
from perennial.web.faults import in_words


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the list that `query` describes: under a new name, or in the own view `pk`."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    state = listing.read_state(QueryDict(request.POST.get("query", "")), user=user)
    name = asked.text(request.POST, "name", most=60)
    try:
        if request.POST.get("pk"):
            view = _own(user, request.POST["pk"])
            version = whole(request.POST.get("version", "")) or view.version
            keeping.change_view(view, version=version, query=keeping.query_of(state))
        elif name:
            shared = request.POST.get("shared") == "yes" and can(user, Page.EDIT_CUSTOMERS)
            view = keeping.make_view(state, name=name, shared=shared, by=user)
        else:
            raise keeping.ViewRefused(_("A view needs a name."))
    except PerennialError as wrong:
        messages.error(request, in_words(wrong))
        return redirect(reverse("desk:customers") + state.url())
    messages.success(request, _("View “%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{reverse('desk:customers')}?view=v{view.pk}")


@require_GET
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Which columns the list shows: a sheet that leads back to it."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    state = listing.read_state(request.GET, user=user)
    context = {"state": state, "choices": choices(state)}
    return sheet(request, None, template="desk/columns_choose.html", context=context)


@require_http_methods(["GET", "POST"])
def manage_views(request: HttpRequest) -> HttpResponse:
    """The own views in a sheet: names, order, with which the list opens, and their end."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    wrong = ""
    if request.method == "POST":
        try:
            _tidied(user, request.POST)
        except PerennialError as refused:
            wrong = in_words(refused)
        if not wrong and "HX-Request" not in request.headers:
            return redirect("desk:manage_views")
    context = {
        "mine": SavedView.objects.filter(owner=user).order_by("position", "pk"),
        "views": views_for(user),
        "opening": default_key(user),
        "can_share": can(user, Page.EDIT_CUSTOMERS),
        "wrong": wrong,
        "sheet": "desk/views_manage.html",
    }
    alone = "HX-Request" not in request.headers
    template = "web/sheet_page.html" if alone else "desk/views_manage.html"
    return render(request, template, context, status=422 if wrong else 200)


def _tidied(user: User, params: QueryDict) -> None:
    """One step: `rename:3`, `up:3`, `down:3`, `drop:3`, or the view to open with."""
    verb, _sign, pk = params.get("do", "").partition(":")
    if verb == "open":
        key = params.get("opening", "all")
        if key in {view.key for view in views_for(user)}:
            keeping.open_with(key, by=user)
        return
    view = _own(user, pk)
    match verb:
        case "rename":
            keeping.change_view(
                view,
                version=whole(params.get(f"version{pk}", "")) or 0,
                name=asked.text(params, f"name{pk}", most=60),
                shared=params.get(f"shared{pk}") == "yes" and can(user, Page.EDIT_CUSTOMERS),
            )
        case "up" | "down":
            keeping.move_view(view, up=verb == "up")
        case "drop":
            keeping.drop_view(view)


@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop an own view; one of somebody else does not exist for this user."""
    view = _own(who(request), str(pk))
    keeping.drop_view(view)
    messages.success(request, _("View “%(name)s” is deleted.") % {"name": view.name})
    return redirect("desk:customers")


def _own(user: User, pk: str) -> SavedView:
    view = SavedView.objects.filter(owner=user, pk=whole(pk) or 0).first()
    if view is None:
        raise Http404
    return view
