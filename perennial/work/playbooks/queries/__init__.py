"""Reads of playbooks: their definitions, whom they mean, their runs through the gate."""

from perennial.work.playbooks.queries.definitions import (
    Known,
    faults_of,
    hints_of,
    playbook,
    playbooks,
)
from perennial.work.playbooks.queries.dry_run import DryStep, dry_run
from perennial.work.playbooks.queries.entering import Match, matches
from perennial.work.playbooks.queries.runs import (
    StepView,
    Tally,
    enrolment_for,
    outcomes_of,
    run_for,
    runs_for,
    runs_of,
    standing,
    step_of,
    tallies,
    visible_runs,
)

__all__ = [
    "DryStep",
    "Known",
    "Match",
    "StepView",
    "Tally",
    "dry_run",
    "enrolment_for",
    "faults_of",
    "hints_of",
    "matches",
    "outcomes_of",
    "playbook",
    "playbooks",
    "run_for",
    "runs_for",
    "runs_of",
    "standing",
    "step_of",
    "tallies",
    "visible_runs",
]
