"""Who reports to whom, as a tree: order, depth, places of a drawing, and what it warns of.

Somebody without a manager is a root; those without manager and reports stand beside the tree,
by grade. A manager who is not at the customer (any more, or ever) counts as none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_DEEP: Final = 50  # a chain longer than this is cut into roots


def makes_loop(manager_of: Mapping[int, int | None], person: int, manager: int | None) -> bool:
    """Would `person` report to themselves, over however many others?

    >>> makes_loop({1: None, 2: 1, 3: 2}, 1, 3)
    True
    """
    passed = {person}
    at = manager
    while at is not None:
        if at in passed:
            return True
        passed.add(at)
        at = manager_of.get(at)
    return False


@dataclass(frozen=True, slots=True)
class Node:
    """One person in reading order. `row` counts leaves: a manager stands beside the middle of
    the own reports, `top` beside the first of them. `parent` None: a root."""

    pk: int
    parent: int | None
    depth: int
    row: float
    top: float
    has_reports: bool


def tree(people: Sequence[int], manager_of: Mapping[int, int | None]) -> list[Node]:
    """Everybody once, managers before their reports, in the order of `people` among equals.

    A loop that stands in the data (an import undone, a merge) is cut where it is met.
    """
    known = set(people)
    reports: dict[int | None, list[int]] = {}
    for pk in people:
        manager = manager_of.get(pk)
        is_fit = manager in known and _depth(manager_of, pk) % MOST_DEEP
        reports.setdefault(manager if is_fit else None, []).append(pk)
    found: list[Node] = []
    rows = iter(range(len(people) + 1))
    for root in reports.get(None, []):
        found += _branch(root, None, 0, reports, rows)
    return found


def _depth(manager_of: Mapping[int, int | None], pk: int) -> int:
    """Managers above; 0 within a loop, too, which so falls apart into roots."""
    passed: set[int] = set()
    at: int | None = pk
    while at is not None and at not in passed:
        passed.add(at)
        at = manager_of.get(at)
    return 0 if at is not None else len(passed) - 1


def _branch(
    pk: int,
    parent: int | None,
    depth: int,
    reports: Mapping[int | None, list[int]],
    rows: Iterator[int],
) -> list[Node]:
    below: list[Node] = []
    own = reports.get(pk, [])
    for report in own:
        below += _branch(report, pk, depth + 1, reports, rows)
    direct = [it for it in below if it.parent == pk]
    if not direct:
        row = float(next(rows))
        return [Node(pk, parent, depth, row, row, has_reports=False)]
    middle = (direct[0].row + direct[-1].row) / 2
    return [Node(pk, parent, depth, middle, direct[0].top, has_reports=True), *below]


class Caution(StrEnum):
    NO_SPONSOR = "no_sponsor"
    NO_DECISION_MAKER = "no_decision_maker"
    ONE_KNOWN = "one_known"
    ONE_SPOKEN_TO = "one_spoken_to"


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who is still there; `spoken_to`: lately."""

    buying_role: str
    spoken_to: bool


def cautions(people: Sequence[Here]) -> list[Caution]:
    """What may cost the renewal: nobody for us, or everything hanging on one person."""
    if not people:
        return []
    roles = {it.buying_role for it in people}
    found = [] if "sponsor" in roles else [Caution.NO_SPONSOR]
    found += [] if "decision_maker" in roles else [Caution.NO_DECISION_MAKER]
    if len(people) == 1:
        found.append(Caution.ONE_KNOWN)
    elif sum(it.spoken_to for it in people) == 1:
        found.append(Caution.ONE_SPOKEN_TO)
    return found
