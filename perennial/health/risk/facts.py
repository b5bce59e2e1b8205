"""What the model knows of a customer before a renewal: the readings of health, the record, the
contract. Training and the day read the same way, so that they cannot differ.

Nothing recorded after the end of a case's day counts where cases are `known`. Industry, size and
region keep no past: the record as it stands is read (it says nothing of the outcome).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from perennial.contracts.rules import DueGroup, Term, due_groups
from perennial.health.inputs.cases import Readings
from perennial.health.inputs.contracts import Contracts
from perennial.health.inputs.reading import readings_of
from perennial.health.inputs.scene import Scene
from perennial.health.risk.rules.labelled import Numbers, Rows, Words
from perennial.health.rules.defaults import MEASURES

SOURCES = tuple(name for name in MEASURES if name != "due_in")  # all are as far from theirs
WORDS = ("tier", "fit", "industry", "size", "region")
MONTH_DAYS = 30.4375
Columns = dict[str, Numbers | Words]


@dataclass(frozen=True, slots=True)
class Contract:
    """What the contract says of one renewal, as a case knows it. `is_decided`: renewed already,
    or notice given: then nothing is left to predict. `is_known`: the renewal was foreseeable."""

    cycle: int
    months: float
    auto_renew: float
    is_decided: bool
    is_known: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of cases, each table once."""

    readings: Readings
    contracts: Contracts


def seen(scene: Scene) -> Seen:
    """Readings and contracts of the same cases; what was read of them before is taken."""
    return Seen(readings_of(scene, SOURCES), scene.contracts)


def columns_of(found_of: Seen, due_on: Sequence[date], rows: Rows) -> Columns:
    """The features of renewals that are due on these days, each of the case in its row."""
    found: Columns = {}
    readings, contracts = found_of.readings, found_of.contracts
    for source in SOURCES:
        column = readings[source]
        is_there = column.connected & ~column.stale
        found[source] = Numbers(np.where(is_there, column.value, np.nan)[rows])
    pairs = zip(rows.tolist(), due_on, strict=True)
    told = [_contract(contracts.terms(row), due) for row, due in pairs]
    found |= {
        "arr": Numbers(np.asarray(readings.facts["arr"], dtype=np.float64)[rows]),
        "age_days": Numbers(np.asarray(readings.facts["age_days"], dtype=np.float64)[rows]),
        "seats": Numbers(contracts.seats[rows]),
        "cycle": Numbers(np.array([float(it.cycle) for it in told])),
        "term_months": Numbers(np.array([it.months for it in told])),
        "auto_renew": Numbers(np.array([it.auto_renew for it in told])),
    }
    for name in WORDS:
        words = readings.facts[name][rows]
        found[name] = Words(np.array([str(it or "") for it in words], dtype=np.str_))
    return found


def contracts_of(contracts: Contracts, due_on: Sequence[date]) -> list[Contract]:
    """What the contracts say of each case's renewal."""
    return [_contract(contracts.terms(at), due) for at, due in enumerate(due_on)]


def _contract(terms: Sequence[Term], due: date) -> Contract:
    groups = due_groups(terms)
    group = next((it for it in groups if it.due_on == due), None)
    lines = [it for it in terms if it.due_end_on == due + timedelta(days=1)]
    return Contract(
        cycle=1 + sum(it.due_on < due for it in groups),
        months=max((_months(it) for it in lines), default=np.nan),
        auto_renew=_auto_renew(lines),
        is_decided=_is_decided(group),
        is_known=group is not None,
    )


def _is_decided(group: DueGroup | None) -> bool:
    return group is not None and bool(group.renewed_by or group.notice_on)


def _months(term: Term) -> float:
    end_on = term.scheduled_end_on or term.due_end_on
    return (end_on - term.start_on).days / MONTH_DAYS if end_on else np.nan


def _auto_renew(lines: Iterable[Term]) -> float:
    """1 when any line renews by itself; unknown when none says."""
    said = [it.auto_renew for it in lines if it.auto_renew is not None]
    return float(any(said)) if said else np.nan
