"""The home's decided renewals, each with what was known `lead_days` before it was due.

A renewal counts once its grace has passed: before that, only those that renewed would be known,
and the losses among them not (pending is not lost, and not kept either).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from perennial.health.inputs.cases import Cases
from perennial.health.inputs.contracts import Contracts
from perennial.health.inputs.scene import Scene
from perennial.health.inputs.served import GRACE_DAYS
from perennial.health.queries.outcomes import LabelledRenewal, labelled_renewals
from perennial.health.risk.facts import Columns, columns_of, contracts_of, seen
from perennial.health.risk.rules.labelled import Labelled

EPOCH = date(1970, 1, 1)
FIRST = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Learnable:
    """`data` to learn from, and what was left out: pending ones, exclusions with a reason, those
    decided before the facts were frozen, and customers that were not there yet by then."""

    data: Labelled
    pending: int
    excluded: int
    decided_before: int
    too_young: int
    from_on: date | None
    to_on: date | None
    assumed_rate: float  # share of facts whose moment of recording is assumed


def learnable(*, known_on: date, lead_days: int, most: int | None = None) -> Learnable:
    """What could be learned from by the end of `known_on`; `most`: of the newest renewals."""
    asked = labelled_renewals(FIRST, known_on - timedelta(days=GRACE_DAYS), known_on=known_on)
    decided = asked.rows[-most:] if most else asked.rows
    cases = cases_of(decided, lead_days=lead_days)
    told = contracts_of(Contracts(cases), [it.due_on for it in decided])
    there = [it.is_known for it in told]
    open_ = [known and not it.is_decided for known, it in zip(there, told, strict=True)]
    rows = [row for row, is_open in zip(decided, open_, strict=True) if is_open]
    kept = cases_of(rows, lead_days=lead_days)
    found = seen(Scene(kept))
    due = [it.due_on for it in rows]
    return Learnable(
        data=_labelled(rows, columns_of(found, due, np.arange(len(rows))), lead_days=lead_days),
        pending=asked.pending,
        excluded=asked.excluded,
        decided_before=sum(there) - len(rows),
        too_young=len(there) - sum(there),
        from_on=min(due, default=None),
        to_on=max(due, default=None),
        assumed_rate=found.readings.assumed_rate,
    )


def cases_of(rows: list[LabelledRenewal], *, lead_days: int) -> Cases:
    """Each renewal's customer, as it was known so many days before."""
    return Cases.of(
        [it.customer for it in rows],
        [it.external_id for it in rows],
        [it.due_on - timedelta(days=lead_days) for it in rows],
        known=True,
    )


def _labelled(rows: list[LabelledRenewal], columns: Columns, *, lead_days: int) -> Labelled:
    due = np.array([(it.due_on - EPOCH).days for it in rows], dtype=np.int64)
    return Labelled(
        columns=columns,
        lost=np.array([it.lost for it in rows], dtype=np.bool_),
        groups=np.array([it.customer for it in rows], dtype=np.int64),
        amount=np.array([np.nan if it.amount is None else float(it.amount) for it in rows]),
        frozen_on=due - lead_days,
        known_on=due + GRACE_DAYS,
    )
