"""Keeping views of the customer list: saved, renamed, ordered, opened first, dropped.

They are somebody's own tidiness and no facts of customers: no audit line, no day to compute.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Max
from django.http import QueryDict

from perennial.customers.models import DefaultView, SavedView
from perennial.desk.customers import ListState
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

MOST_VIEWS = 20


class ViewRefused(InputRefused):
    """The view stays as it is."""

    code = "view_refused"


def query_of(state: ListState) -> str:
    """What a view keeps of a list: filter, order, and columns where they are its own."""
    kept = QueryDict(mutable=True)
    kept.update({"filter": state.tree.text, "sort": state.sort})
    if state.has_own_columns or state.view.columns:
        kept["cols"] = ",".join(state.columns[1:])
    return kept.urlencode()


@transaction.atomic
def make_view(state: ListState, *, name: str, shared: bool, by: User) -> SavedView:
    """A view under a new name; the same name again is the same view, with what is shown now."""
    mine = SavedView.objects.select_for_update().filter(owner=by)
    found = mine.filter(name=name).first()
    if found is None and mine.count() >= MOST_VIEWS:
        raise ViewRefused(
            sentence("You have {most} views already: drop one first."),
            params={"most": str(MOST_VIEWS)},
        )
    last = mine.aggregate(last=Max("position"))["last"]
    view = found or SavedView(owner=by, name=name, position=0 if last is None else last + 1)
    view.query, view.shared = query_of(state), shared
    view.version += 1 if found else 0
    view.save()
    return view


def change_view(
    view: SavedView,
    *,
    version: int,
    query: str | None = None,
    name: str | None = None,
    shared: bool | None = None,
) -> None:
    """Raises ViewRefused when it was changed elsewhere since, or the name is taken or empty."""
    if name is not None:
        if not name:
            raise ViewRefused(sentence("A view needs a name."))
        if SavedView.objects.filter(owner=view.owner, name=name).exclude(pk=view.pk).exists():
            raise ViewRefused(sentence("You have a view “{name}” already."), params={"name": name})
    values = {
        key: value
        for key, value in (("query", query), ("name", name), ("shared", shared))
        if value is not None
    }
    found = SavedView.objects.filter(pk=view.pk, version=version)
    if not found.update(**values, version=F("version") + 1):
        raise ViewRefused(
            sentence("This view was changed elsewhere since. Look at it and save again.")
        )


@transaction.atomic
def move_view(view: SavedView, *, up: bool) -> None:
    """Before its neighbour, or behind it."""
    mine = list(
        SavedView.objects.select_for_update().filter(owner=view.owner).order_by("position", "pk")
    )
    at = next(place for place, it in enumerate(mine) if it.pk == view.pk)
    other = at - 1 if up else at + 1
    if 0 <= other < len(mine):
        mine[at], mine[other] = mine[other], mine[at]
    for place, it in enumerate(mine):
        it.position = place
    SavedView.objects.bulk_update(mine, ["position"])


def open_with(key: str, *, by: User) -> None:
    """Let the list open with a view."""
    DefaultView.objects.update_or_create(user=by, defaults={"key": key})


@transaction.atomic
def drop_view(view: SavedView) -> None:
    """Nobody's list opens with it any more."""
    DefaultView.objects.filter(key=f"v{view.pk}").delete()
    view.delete()
