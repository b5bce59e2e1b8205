"""A run in a turn: what it says, its steps so far, and what changes about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from perennial.work.models import Run, StepRun
from perennial.work.playbooks.rules.definition import Definition, Step, of
from perennial.work.playbooks.rules.progress import Past, RunFacts

_ENDED = (StepRun.State.DONE, StepRun.State.SKIPPED, StepRun.State.FAILED)
PASSED = "passed"  # why a step was skipped: not on the way


@dataclass(slots=True)
class Situation:
    """`changed`: the ids of steps to write; `opening`: those that need a call to action;
    `closing`: items of steps that ended without a person; `children`: steps that start a
    playbook of their own."""

    run: Run
    definition: Definition
    steps: dict[str, StepRun]
    renewal_on: date | None
    changed: set[str] = field(default_factory=set)
    opening: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    closing: list[int] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    has_ended: bool = False

    def facts(self) -> RunFacts:
        ended = {
            name: Past(
                it.done_on or self.run.enrolled_on,
                it.outcome,
                passed=it.result.get("why") == PASSED,
                failed=it.state == StepRun.State.FAILED,
            )
            for name, it in self.steps.items()
            if it.state in _ENDED
        }
        opened = {
            name: it.starts_on or self.run.enrolled_on
            for name, it in self.steps.items()
            if it.state == StepRun.State.OPEN
        }
        return RunFacts(self.run.enrolled_on, self.renewal_on, ended, opened)

    def open_steps(self) -> list[tuple[Step, StepRun]]:
        return [
            (step, row)
            for step in self.definition.steps
            if (row := self.steps.get(step.id)) and row.state == StepRun.State.OPEN
        ]

    def row(self, step: Step) -> StepRun:
        """The row of a step, made when the step is first touched."""
        self.changed.add(step.id)
        return self.steps.setdefault(step.id, StepRun(run=self.run, step=step.id))

    def open(
        self,
        step: Step,
        *,
        starts_on: date | None,
        due_on: date | None,
        needs_item: bool,
        why: str,
        at: datetime,
    ) -> None:
        row = self.row(step)
        row.state, row.starts_on, row.due_on = StepRun.State.OPEN, starts_on, due_on
        row.result = {"opened_at": at.isoformat()} | ({"why": why} if why else {})
        if needs_item:
            self.opening[step.id] = row.result

    def end(
        self,
        step: Step,
        state: StepRun.State,
        *,
        on: date,
        at: datetime,
        outcome: str = "",
        by_data: bool = False,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """Done, skipped or failed without a person; its call to action closes."""
        row = self.row(step)
        row.state, row.outcome, row.by_data = state, outcome, by_data
        row.done_on, row.done_at = on, at
        row.result = {**row.result, **(result or {})}
        self.opening.pop(step.id, None)
        if row.item_id is not None:
            self.closing.append(row.item_id)

    def end_run(self, state: Run.State, reason: str, *, on: date, at: datetime) -> None:
        """Nothing of it goes on: what is open is skipped."""
        run = self.run
        run.state, run.end_reason, run.ended_on, run.ended_at = state, reason[:200], on, at
        self.has_ended = True
        for step, _row in self.open_steps():
            skipped = StepRun.State.SKIPPED
            self.end(step, skipped, on=on, at=at, result={"why": "run_ended"})


def situations(runs: Sequence[Run]) -> list[Situation]:
    """Runs with their steps; definitions are read once each."""
    by_run: dict[int, dict[str, StepRun]] = {it.pk: {} for it in runs}
    for row in StepRun.objects.filter(run__in=list(by_run)):
        by_run[row.run_id][row.step] = row
    read: dict[int, Definition] = {}
    for run in runs:
        if run.version_id not in read:
            read[run.version_id] = of(run.version.definition)
    return [Situation(run, read[run.version_id], by_run[run.pk], None) for run in runs]
