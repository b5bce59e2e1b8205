"""Somebody of the demo is on holiday, and the owner of the cast stands in."""

from datetime import date, datetime, timedelta

from perennial.demo.cast import LEADER, OWNER
from perennial.demo.words import Pair
from perennial.team.absences.actions import plan_absence
from perennial.team.models import User

WHO = "zheng@demo.invalid"
DAYS = 5
NOTE = Pair("年假", "Annual leave")


def go_on_holiday(*, end_on: date, language: str, at: datetime) -> None:
    """From the day after the data for a working week; planned by their leader."""
    leader, stand_in, away = (User.objects.get(email=it) for it in (LEADER.email, OWNER.email, WHO))
    first = end_on + timedelta(days=1)
    plan_absence(
        away,
        stand_in=stand_in,
        from_on=first,
        last_on=max(first + timedelta(days=DAYS - 1), at.date() + timedelta(days=DAYS - 1)),
        note=NOTE.text(language),
        by=leader,
        at=at,
    )
