"""The leader's board: load, overdue, unassigned, absences."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.desk.queries import as_of
from perennial.desk.team.board import board as board_of
from perennial.team.access import Page, require, sees_money
from perennial.team.request import who
from perennial.units.moment import business_day


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    user = who(request)
    require(user, Page.TEAM_BOARD)
    on = as_of()
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    context = {
        "board": board_of(user, on=on, today=today),
        "on": on,
        "today": today,
        "money": sees_money(user),
    }
    return render(request, "desk/team.html", context)
