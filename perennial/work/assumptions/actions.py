"""Saying what a reason's chance and hours are; and taking that back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence
from perennial.work.assumptions.queries import KIND, bases, read, said, terms_of, versions
from perennial.work.models import State, WorkDefinition, WorkItem
from perennial.work.rules import ASSUMPTIONS, Assumption

LEAST_HOURS, MOST_HOURS, LONGEST_COOL_DOWN_DAYS = 0.1, 40.0, 365
VALUES = ("chance_rate", "effort_hours", "cool_down_days")
BATCH = 500


class AssumptionRefused(InputRefused):
    """A reason that does not exist, or a value out of range."""

    code = "assumption_refused"


class AssumptionChanged(InputRefused):
    """Somebody else has said something else since the form was opened."""

    code = "already_changed"


def faults(reason: str, it: Assumption) -> list[RowError]:
    """What is wrong with values of a reason, by field."""
    found = []
    if reason not in ASSUMPTIONS:
        text = sentence("There is no reason “{name}”.")
        found.append(RowError("unknown_reason", text, column="reason", params={"name": reason}))
    if not 0 < it.chance_rate <= 1:
        text = sentence("The chance lies above 0 and is 1 at most.")
        found.append(RowError("out_of_range", text, column="chance"))
    if not LEAST_HOURS <= it.effort_hours <= MOST_HOURS:
        text = sentence("The effort is between 0.1 and 40 hours.")
        found.append(RowError("out_of_range", text, column="effort_hours"))
    if not 0 <= it.cool_down_days <= LONGEST_COOL_DOWN_DAYS:
        text = sentence("The cool-down is between 0 and 365 days.")
        found.append(RowError("out_of_range", text, column="cool_down_days"))
    return found


@transaction.atomic
def keep_assumption(
    reason: str, it: Assumption, *, version: int | None = None, by: User | None, at: datetime
) -> WorkDefinition:
    """A new version; open items rank by it at once. `version` is the one that the form showed
    (0: what we ship); None: whatever holds."""
    for wrong in faults(reason, it):
        raise AssumptionRefused(wrong.message, params=wrong.params, column=wrong.column)
    now = said().get(reason)
    if version is not None and version != (now.version if now else 0):
        raise _changed()
    newest = versions(reason).aggregate(it=Max("version"))["it"] or 0
    values = {name: asdict(it)[name] for name in VALUES}
    versions(reason).filter(retired_at__isnull=True).update(retired_at=at)
    try:
        with transaction.atomic():
            row = WorkDefinition.objects.create(
                kind=KIND, name=reason, version=newest + 1, definition=values, made_at=at, by=by
            )
    except IntegrityError:
        raise _changed() from None
    _line("assumption.kept", reason, now.definition if now else None, values, by=by, at=at)
    _rank_again(reason)
    return row


def _changed() -> AssumptionChanged:
    return AssumptionChanged(
        sentence("Somebody else has changed this meanwhile. Look at it again, then save.")
    )


@transaction.atomic
def undo_assumption(reason: str, *, version: int, by: User | None, at: datetime) -> None:
    """Take one version back: what held before it holds again."""
    now = said().get(reason)
    if now is None or now.version != version:
        raise _changed()
    before = versions(reason).filter(version__lt=version, retired_at=now.made_at).first()
    WorkDefinition.objects.filter(pk=now.pk).update(retired_at=at)
    if before is not None:
        WorkDefinition.objects.filter(pk=before.pk).update(retired_at=None)
    after = before.definition if before else None
    _line("assumption.undone", reason, now.definition, after, by=by, at=at)
    _rank_again(reason)


def _rank_again(reason: str) -> None:
    """Open items of a reason by what is believed now; the day does the same for all."""
    believed = terms_of(bases()[reason])
    items = list(WorkItem.objects.filter(reason=reason).exclude(state=State.DONE))
    for item in items:
        item.terms |= believed
        item.rank_value = read(item.terms).rank_value
    WorkItem.objects.bulk_update(items, ["terms", "rank_value"], batch_size=BATCH)


def _line(
    code: str,
    reason: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    *,
    by: User | None,
    at: datetime,
) -> None:
    audit.record(
        code,
        object_type="assumption",
        object_id=reason,
        summary=reason,
        detail={"before": before, "after": after},
        by=by,
        at=at,
    )
