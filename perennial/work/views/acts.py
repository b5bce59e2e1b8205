"""One-key acts on an item: done, not needed, at it, mine, back, and undo."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.web import asked
from perennial.web.faults import in_words
from perennial.work import actions
from perennial.work.models import Outcome, State, WorkItem
from perennial.work.views.answers import acting, done, refused

Act = Callable[[WorkItem, User], WorkItem]


@require_POST
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    outcome = request.POST.get("outcome", Outcome.SUCCESS)
    note = asked.text(request.POST, "note", most=2000)
    return _act(
        request,
        pk,
        lambda item, by: actions.complete(
            item, outcome=outcome, note=note, by=by, at=timezone.now()
        ),
    )


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    note = asked.text(request.POST, "note", most=2000)
    return _act(
        request, pk, lambda item, by: actions.dismiss(item, note=note, by=by, at=timezone.now())
    )


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda item, by: actions.start(item, by=by, at=timezone.now()))


@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request, pk, lambda item, by: actions.claim(item, by=by, at=timezone.now()), _("Yours now")
    )


@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda item, by: actions.give_back(item, by=by, at=timezone.now()),
        _("Given back"),
    )


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda item, by: actions.reopen(item, by=by, at=timezone.now()),
        _("as it was before"),
    )


def _act(request: HttpRequest, pk: int, act: Act, said: str = "") -> HttpResponse:
    """Gate, one action, and what is said of it."""
    user, item = acting(request, pk)
    try:
        item = act(item, user)
    except InputRefused as wrong:
        return refused(request, in_words(wrong), item=item)
    return done(request, item, said or STATES[State(item.state)]())


STATES: dict[State, Callable[[], str]] = {
    State.DONE: lambda: _("Done"),
    State.SNOOZED: lambda: _("Snoozed"),
    State.OPEN: lambda: _("Open again"),
    State.IN_PROGRESS: lambda: _("In progress"),
}
