"""The queue, playbooks, the way in, success plans and touchpoints."""

from perennial.work.models.items import Lane, Outcome, Priority, Reason, State, Type, WorkItem
from perennial.work.models.onboarding import (
    Handover,
    Milestone,
    Onboarding,
    OwnerKind,
    Phase,
    Project,
    Promise,
    WorkDefinition,
)
from perennial.work.models.plans import Goal, Plan, PlanAction, Reading, Strategy, Touchpoint
from perennial.work.models.playbooks import Enrolment, Playbook, PlaybookVersion, Run, StepRun

__all__ = [
    "Enrolment",
    "Goal",
    "Handover",
    "Lane",
    "Milestone",
    "Onboarding",
    "Outcome",
    "OwnerKind",
    "Phase",
    "Plan",
    "PlanAction",
    "Playbook",
    "PlaybookVersion",
    "Priority",
    "Project",
    "Promise",
    "Reading",
    "Reason",
    "Run",
    "State",
    "StepRun",
    "Strategy",
    "Touchpoint",
    "Type",
    "WorkDefinition",
    "WorkItem",
]
