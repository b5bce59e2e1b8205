"""One thing of every kind at somebody's customer, each with words that only its people may read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from perennial.customers.assessments.rules.shipped import PROMT
from perennial.customers.assessments.rules.template import plain as form
from perennial.customers.models import (
    About,
    Assessment,
    AssessmentTemplate,
    Attachment,
    Comment,
    Customer,
    Diagnosis,
    Offer,
    OfferKind,
    Person,
    Proposal,
    Segment,
    SegmentMember,
    Touch,
)
from perennial.team.models import User
from perennial.work.models import (
    Enrolment,
    Goal,
    Handover,
    Milestone,
    Onboarding,
    OwnerKind,
    Phase,
    Plan,
    PlanAction,
    Playbook,
    PlaybookVersion,
    Project,
    Promise,
    Reason,
    Run,
    StepRun,
    Strategy,
    Touchpoint,
    WorkDefinition,
    WorkItem,
)
from perennial.work.onboarding.rules.definition import plain as onboarding_text
from perennial.work.onboarding.rules.shipped import NAME, SHIPPED
from perennial.work.playbooks.rules.definition import plain
from perennial.work.playbooks.shipped import shipped

WORD = "紫藤密语"  # stands in every text: who is not allowed must never read it


def keep(customer: Customer, owner: User, *, on: date) -> dict[str, Any]:
    """Make the things; by the name of their table."""
    at = timezone.now()
    person = Person.objects.filter(customer=customer).first()
    item = WorkItem.objects.create(
        customer=customer, reason=Reason.TASK, about="task:x", lane="owed", is_derived=False,
        title=WORD, text=WORD, raised_on=on, last_fired_on=on, owner=owner, rank_value=1.0,
        terms={"severity_rate": 0.5, "chance_rate": 0.5, "urgency_rate": 0.5, "effort_hours": 1},
    )  # fmt: skip
    touch = Touch.objects.create(customer=customer, happened_at=at, note=WORD, recorded_at=at)
    things: dict[str, Any] = {"person": person, "item": item, "touch": touch}
    things |= _said(customer, owner, item, on=on)
    things |= _planned(customer, owner, person, on=on)
    things |= _brought_in(customer, owner, on=on)
    things |= _run(customer, item, on=on)
    return things


def _said(customer: Customer, owner: User, item: WorkItem, *, on: date) -> dict[str, Any]:
    at = timezone.now()
    about = {"customer": customer, "about_type": About.WORK_ITEM, "about_id": item.pk}
    template = AssessmentTemplate.objects.create(name="promt", definition=form(PROMT), made_at=at)
    offer = Offer.objects.create(name="hidden", kind=OfferKind.IDEAS, title_zh="甲", title_en="A")
    segment = Segment.objects.create(
        name="hidden",
        title_zh=WORD,
        title_en=WORD,
        filter="",
        owner=owner,
        shared=False,
        made_at=at,
    )
    return {
        "comment": Comment.objects.create(**about, text=WORD, by=owner, at=at),
        "attachment": Attachment.objects.create(
            **about, name=f"{WORD}.pdf", stored_as="x" * 32, size_bytes=1, sha256="0" * 64, at=at
        ),
        "assessment": Assessment.objects.create(
            customer=customer, template=template, made_on=on, answers={}, scores={}, note=WORD,
            recorded_at=at,
        ),
        "proposal": Proposal.objects.create(
            customer=customer, offer=offer, result=WORD, made_on=on, changed_on=on, recorded_at=at
        ),
        "diagnosis": Diagnosis.objects.create(
            customer=customer, motivation=1, ability=5, trigger=5, stuck_at=WORD, made_on=on,
            recorded_at=at,
        ),
        "segment": segment,
        "member": SegmentMember.objects.create(segment=segment, customer=customer, from_on=on),
    }  # fmt: skip


def _planned(customer: Customer, owner: User, person: Person | None, *, on: date) -> dict[str, Any]:
    at = timezone.now()
    plan = Plan.objects.create(
        customer=customer, title=WORD, success_words=WORD, starts_on=on, made_at=at, owner=owner,
        state=Plan.State.ACTIVE,
    )  # fmt: skip
    goal = Goal.objects.create(plan=plan, title=WORD, target=10)
    return {
        "plan": plan,
        "goal": goal,
        "action": PlanAction.objects.create(
            plan=plan, title=WORD, side=PlanAction.Side.OURS, due_on=on - timedelta(days=3)
        ),
        "strategy": Strategy.objects.create(plan=plan, person=person, approach=WORD)
        if person
        else None,
        "touchpoint": Touchpoint.objects.create(
            customer=customer,
            kind=Touchpoint.Kind.REVIEW,
            title=WORD,
            due_on=on,
            planned_on=on,
            recorded_at=at,
        ),
    }


def _brought_in(customer: Customer, owner: User, *, on: date) -> dict[str, Any]:
    at = timezone.now()
    plan = WorkDefinition.objects.create(
        kind=WorkDefinition.Kind.ONBOARDING, name=NAME, version=99,
        made_at=at, definition=onboarding_text(SHIPPED),
    )  # fmt: skip
    onboarding = Onboarding.objects.filter(customer=customer).first() or Onboarding.objects.create(
        customer=customer, owner_kind=OwnerKind.CSM, plan=plan, started_on=on, recorded_at=at,
        state=Onboarding.State.STOPPED,
    )  # fmt: skip
    handover = Handover.objects.create(
        customer=customer, kind=Handover.Kind.CSM_CSM, state=Handover.State.OFFERED, goals=WORD,
        from_user=owner, to_user=owner, made_at=at, offered_at=at,
    )  # fmt: skip
    project = Project.objects.create(
        customer=customer, title=WORD, started_on=on - timedelta(days=60), recorded_at=at
    )
    return {
        "onboarding": onboarding,
        "milestone": Milestone.objects.create(onboarding=onboarding, step="hidden", due_on=on),
        "handover": handover,
        "promise": Promise.objects.create(handover=handover, text=WORD),
        "project": project,
        "phase": Phase.objects.create(project=project, name=Phase.Name.KICKOFF, note=WORD),
    }


def _run(customer: Customer, item: WorkItem, *, on: date) -> dict[str, Any]:
    at = timezone.now()
    playbook = Playbook.objects.create(name="hidden", made_at=at, retired_at=at)
    definition = plain(shipped()["usage_drop"])
    version = PlaybookVersion.objects.create(
        playbook=playbook, number=1, definition=definition, changed_at=at, published_at=at
    )
    run = Run.objects.create(
        version=version, playbook=playbook, customer=customer, source=Run.Source.PERSON,
        enrolled_on=on, enrolled_at=at, item=item, state=Run.State.STOPPED, end_reason=WORD,
    )  # fmt: skip
    step = StepRun.objects.create(run=run, step=definition["steps"][0]["id"], note=WORD)
    enrolment = Enrolment.objects.create(
        version=version, customers=[customer.pk], made_at=at, error=WORD
    )
    return {"run": run, "step": step, "enrolment": enrolment}
