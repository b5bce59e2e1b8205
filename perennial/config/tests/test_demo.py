"""`demo`: a company with a month behind it, from few computed days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from perennial.config.commands.demo import DAYS_BACK
from perennial.health.models import CurrentHealth
from perennial.health.queries import LOOK_BACK_DAYS, MONTH_DAYS
from perennial.team.models import DayRun
from perennial.units.errors import ExitCode

DONE = DayRun.objects.filter(step="day", state=DayRun.State.DONE).order_by("-day")


def test_no_step_between_the_days_is_longer_than_health_remembers():
    steps = [far - near for far, near in pairwise(DAYS_BACK)]
    assert DAYS_BACK[0] == MONTH_DAYS
    assert max(steps) < LOOK_BACK_DAYS
    assert DAYS_BACK[-7:] == tuple(range(6, -1, -1))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_scores_have_a_month_behind_them_and_the_second_time_changes_nothing(
    perennial: Callable[..., Any],
):
    small = ("demo", "--customers", "12", "--events", "2000", "--json")
    assert perennial(*small).code == ExitCode.DONE
    days = list(DONE.values_list("day", "finished_at"))
    assert [days[0][0] - day for day, _ in reversed(days)] == [timedelta(it) for it in DAYS_BACK]
    assert CurrentHealth.objects.filter(score_30d_ago__isnull=False).exists()
    assert perennial(*small).code == ExitCode.DONE
    assert list(DONE.values_list("day", "finished_at")) == days
