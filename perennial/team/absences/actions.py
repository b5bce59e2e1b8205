"""Planning an absence with its stand-in, and taking it back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from perennial.team.absences.queries import overlapping
from perennial.team.audit import record
from perennial.team.models import Absence, User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.sentence import sentence

LONGEST_DAYS = 366


class AbsenceRefused(InputRefused):
    """These days, or this stand-in, cannot be."""

    code = "absence_refused"


@transaction.atomic
def plan_absence(
    user: User,
    *,
    stand_in: User,
    from_on: date,
    last_on: date,
    note: str = "",
    by: User,
    at: datetime,
) -> Absence:
    """`user` is away from `from_on` to `last_on`, both included; `stand_in` sees the book then."""
    until_on = last_on + timedelta(days=1)
    User.objects.select_for_update().get(pk=user.pk)  # two plans for one person: one waits
    _refuse_bad_days(from_on, until_on, today=business_day(at, settings.PERENNIAL_TIME_ZONE))
    _refuse_overlap(user, from_on, until_on)
    if stand_in.pk == user.pk:
        raise AbsenceRefused(sentence("Nobody stands in for oneself: choose a colleague."))
    if not stand_in.is_active:
        raise AbsenceRefused(
            sentence("{name} does not work here any more."), params={"name": stand_in.name}
        )
    absence = Absence.objects.create(
        user=user,
        stand_in=stand_in,
        from_on=from_on,
        until_on=until_on,
        note=note[:200],
        made_at=at,
    )
    _line("absence.planned", absence, by=by, at=at)
    return absence


def _refuse_bad_days(from_on: date, until_on: date, *, today: date) -> None:
    if until_on <= from_on:
        raise AbsenceRefused(sentence("The last day lies before the first."))
    if until_on <= today:
        raise AbsenceRefused(sentence("These days are over already."))
    if (until_on - from_on).days > LONGEST_DAYS:
        raise AbsenceRefused(sentence("An absence lasts a year at most."))


def _refuse_overlap(user: User, from_on: date, until_on: date) -> None:
    other = overlapping(user, from_on, until_on).first()
    if other is not None:
        raise AbsenceRefused(
            sentence("{name} is away from {first} to {last} already. Take that back first."),
            params={
                "name": user.name,
                "first": other.from_on.isoformat(),
                "last": other.last_on.isoformat(),
            },
        )


@transaction.atomic
def take_back(absence: Absence, *, by: User, at: datetime) -> None:
    """The absence ends at once, before it began or in the middle of it."""
    if not Absence.objects.filter(pk=absence.pk, ended_at__isnull=True).update(ended_at=at):
        raise AbsenceRefused(sentence("This absence was taken back already."))
    _line("absence.taken_back", absence, by=by, at=at)


@transaction.atomic
def restore(absence: Absence, *, by: User, at: datetime) -> None:
    """Undo of `take_back`, unless the days have been planned anew since."""
    User.objects.select_for_update().get(pk=absence.user_id)
    _refuse_overlap(absence.user, absence.from_on, absence.until_on)
    if not Absence.objects.filter(pk=absence.pk, ended_at__isnull=False).update(ended_at=None):
        raise AbsenceRefused(sentence("There is nothing to undo."))
    _line("absence.restored", absence, by=by, at=at)


def _line(code: str, absence: Absence, *, by: User, at: datetime) -> None:
    record(
        code,
        object_type="user",
        object_id=absence.user_id,
        summary=f"{absence.user} → {absence.stand_in}",
        detail={
            "absence": absence.pk,
            "from_on": absence.from_on.isoformat(),
            "until_on": absence.until_on.isoformat(),
            "stand_in": absence.stand_in_id,
        },
        by=by,
        at=at,
    )
