"""Keeping a list as a saved view, and dropping it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perennial.customers.models import SavedView
from perennial.desk import customers as listing
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.whole import whole
from perennial.web import asked


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the list that `query` describes: under a new name, or in the own view `pk`."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    state = listing.read_state(QueryDict(request.POST.get("query", "")), user=user)
    kept = QueryDict(mutable=True)
    kept.update({"filter": state.tree.text, "sort": state.sort})
    name = asked.text(request.POST, "name", most=60)
    if request.POST.get("pk"):
        view = _own(user, request.POST["pk"])
        view.query = kept.urlencode()
        view.save(update_fields=["query"])
    elif name:
        shared = request.POST.get("shared") == "yes"
        view, _created = SavedView.objects.update_or_create(
            owner=user, name=name, defaults={"query": kept.urlencode(), "shared": shared}
        )
    else:
        messages.error(request, _("A view needs a name."))
        return redirect(reverse("desk:customers") + state.url())
    messages.success(request, _("View “%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{reverse('desk:customers')}?view=v{view.pk}")


@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop an own view; one of somebody else does not exist for this user."""
    view = _own(who(request), str(pk))
    view.delete()
    messages.success(request, _("View “%(name)s” is deleted.") % {"name": view.name})
    return redirect("desk:customers")


def _own(user: User, pk: str) -> SavedView:
    view = SavedView.objects.filter(owner=user, pk=whole(pk) or 0).first()
    if view is None:
        raise Http404
    return view
