"""One look at some runs: who leaves, what completed itself, and which steps start now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from perennial.customers.filters import FilterRefused
from perennial.work.models import Run, StepRun
from perennial.work.playbooks.engine.acts import Failed, call_out, set_field
from perennial.work.playbooks.engine.situation import PASSED, Situation
from perennial.work.playbooks.facts import Asked, Facts, Measured, measure
from perennial.work.playbooks.rules.completion import read
from perennial.work.playbooks.rules.days import WorkCalendar
from perennial.work.playbooks.rules.definition import EXIT, Step, StepKind
from perennial.work.playbooks.rules.progress import Hold, Place, Standing, progress

DONE, SKIPPED, FAILED = StepRun.State.DONE, StepRun.State.SKIPPED, StepRun.State.FAILED


@dataclass(slots=True)
class Turn:
    """`watch`: look at exits and at what is measured, too; a person's act waits for neither."""

    facts: Facts
    calendar: WorkCalendar
    as_of: date
    at: datetime
    watch: bool

    def take(self, situations: Sequence[Situation]) -> None:
        """Move all of them as far as they go today."""
        for it in situations:
            it.renewal_on = self.facts.renewal_of(it.run.customer.pk)
        if self.watch:
            self._leave([it for it in situations if not it.has_ended])
        moving = [it for it in situations if not it.has_ended]
        measured: set[tuple[int, str]] = set()
        while moving:
            if self.watch:
                self._complete(moving, measured)
            moving = [it for it in moving if self._move(it)]

    def _leave(self, situations: Sequence[Situation]) -> None:
        for it in situations:
            for place, rule in enumerate(it.definition.exits):
                if self._fits(rule.when, it.run.customer.pk) is True:
                    it.end_run(Run.State.EXITED, f"{EXIT}{place}", on=self.as_of, at=self.at)
                    break

    def _complete(self, situations: Sequence[Situation], looked: set[tuple[int, str]]) -> None:
        """End open steps whose measure is reached; each is looked at once in a turn."""
        found: dict[Asked, list[tuple[Situation, Step, StepRun]]] = {}
        for it in situations:
            for step, row in it.open_steps():
                wanted = read(step.done_when) if step.done_when else None
                if wanted is None or (it.run.pk, step.id) in looked:
                    continue
                looked.add((it.run.pk, step.id))
                asked = Asked(it.run.customer.pk, wanted, row.starts_on or it.run.enrolled_on)
                found.setdefault(asked, []).append((it, step, row))
        if not found:
            return
        answers = measure(list(found), day=self.facts.day, known=self.facts.served)
        for asked, steps in found.items():
            for it, step, row in steps:
                self._answered(it, step, row, answers[asked])

    def _answered(self, it: Situation, step: Step, row: StepRun, answer: Measured) -> None:
        if answer.is_met:
            first = step.outcomes[0].id if step.outcomes else ""
            result = {"value": answer.value}
            on = max(self.facts.day, row.starts_on or self.facts.day)
            it.end(step, DONE, on=on, at=self.at, outcome=first, by_data=True, result=result)
        elif answer.is_gone and row.result.get("why") != "metric_gone":
            it.row(step).result = {**row.result, "why": "metric_gone"}
            if row.item_id is None:  # nobody can measure it: a person decides
                it.opening[step.id] = row.result

    def _move(self, it: Situation) -> bool:
        """Everything that one look at the rules asks for; whether there may be more."""
        found = progress(it.definition, it.facts(), calendar=self.calendar, as_of=self.as_of)
        moved = False
        for standing in found.steps:
            if standing.place is Place.PASSED and standing.step.id not in it.steps:
                it.end(standing.step, SKIPPED, on=self.as_of, at=self.at, result={"why": PASSED})
            elif standing.place is Place.OVER:
                self._over(it, standing)
                moved = True
            elif standing.place is Place.STARTS and not found.ends:
                self._start(it, standing)
                moved = True
        if found.ends:
            it.end_run(Run.State.DONE, "", on=self.as_of, at=self.at)
            return False
        return moved

    def _over(self, it: Situation, standing: Standing) -> None:
        """Waiting takes its last outcome; an optional step was not done in time."""
        step, on = standing.step, min(standing.due_on or self.as_of, self.as_of)
        if step.kind is StepKind.WAIT:
            last = step.outcomes[-1].id if step.outcomes else ""
            it.end(step, DONE, on=on, at=self.at, outcome=last, result={"why": "time_over"})
        else:
            why = "no_renewal" if standing.hold is Hold.RENEWAL else "time_over"
            it.end(step, SKIPPED, on=self.as_of, at=self.at, result={"why": why})

    def _start(self, it: Situation, standing: Standing) -> None:
        step = standing.step
        fits = self._fits(step.when, it.run.customer.pk)
        if fits is False:
            it.end(step, SKIPPED, on=self.as_of, at=self.at, result={"why": "condition"})
            return
        if step.decides_itself and self._decided(it, step):
            return
        if step.kind in (StepKind.FIELD_UPDATE, StepKind.WEBHOOK):
            self._do(it, step)
            return
        unreadable = fits is None or step.decides_itself
        quiet = step.kind in (StepKind.WAIT, StepKind.SUB_PLAYBOOK) and not unreadable
        it.open(
            step,
            starts_on=standing.starts_on,
            due_on=standing.due_on,
            needs_item=not quiet,
            why="condition_gone" if unreadable else "",
            at=self.at,
        )
        if step.kind is StepKind.SUB_PLAYBOOK:
            it.children.append(step.id)

    def _decided(self, it: Situation, step: Step) -> bool:
        """Take a decision by its conditions; False when one of them cannot be read any more."""
        for outcome in step.outcomes:
            fits = self._fits(outcome.when, it.run.customer.pk)
            if fits is None:
                return False
            if fits:
                it.end(step, DONE, on=self.as_of, at=self.at, outcome=outcome.id, by_data=True)
                return True
        it.end(step, DONE, on=self.as_of, at=self.at, by_data=True)
        return True

    def _do(self, it: Situation, step: Step) -> None:
        """What the machine does itself, or why it could not."""
        try:
            if step.kind is StepKind.FIELD_UPDATE:
                result = set_field(it.run, step, at=self.at)
            else:
                result = call_out(it.run, step, at=self.at)
        except Failed as wrong:
            it.end(step, FAILED, on=self.as_of, at=self.at, result={"why": wrong.code})
        else:
            it.end(step, DONE, on=self.as_of, at=self.at, by_data=True, result=result)

    def _fits(self, text: str, customer_id: int) -> bool | None:
        """None: the filter cannot be read any more."""
        try:
            return customer_id in self.facts.fitting(text)
        except FilterRefused:
            return None
