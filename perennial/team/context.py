"""What the frame shows of the team's side: the menu by rights, and how fresh the figures are."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from perennial.team.access import Page, can
from perennial.team.models import DayRun, User
from perennial.units.moment import last_complete_day
from perennial.web.navigation import sections

LAST_STEP = "desk"  # a day counts when its last step is done


def shell(request: HttpRequest) -> dict[str, object]:
    """The same for every panel of a page, so it is read once per request."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    kept = vars(request)
    if "frame" not in kept:
        kept["frame"] = _frame(request, user)
    frame: dict[str, object] = kept["frame"]
    return frame


def _frame(request: HttpRequest, user: User) -> dict[str, object]:
    as_of = DayRun.objects.filter(step=LAST_STEP, state=DayRun.State.DONE).aggregate(
        day=Max("day")
    )["day"]
    failed = DayRun.objects.filter(state=DayRun.State.FAILED).order_by("-day").first()
    expected = last_complete_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    return {
        "menu": list(sections(request.path, may=lambda page: can(user, Page(page)))),
        "does_things": can(user, Page.EDIT_CUSTOMERS),
        "user_team": user.team.name if user.team else "",
        "as_of": as_of,
        "as_of_is_late": as_of is not None and as_of < expected,
        "failed_step": failed if failed and (as_of is None or failed.day > as_of) else None,
    }
