"""Acts at a customer: assess, take back, offer, follow an offer, diagnose, write a result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model
from django.utils.translation import gettext_noop

from perennial.customers.actions import EditConflict
from perennial.customers.assessments.queries import solutions, templates
from perennial.customers.assessments.rules.diagnosis import lacking
from perennial.customers.assessments.rules.offers import NEXT
from perennial.customers.assessments.rules.scoring import score
from perennial.customers.assessments.rules.shipped import Solution
from perennial.customers.assessments.rules.template import Template, plain
from perennial.customers.audit import record_about
from perennial.customers.models import (
    Assessment,
    AssessmentTemplate,
    Customer,
    Diagnosis,
    Offer,
    Proposal,
)
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day

EARLIEST: Final = date(2000, 1, 1)


def _check_day(on: date, at: datetime) -> None:
    if not EARLIEST <= on <= business_day(at, settings.PERENNIAL_TIME_ZONE):
        raise InputRefused(gettext_noop("The day lies between 2000 and today."), column="made_on")


@transaction.atomic
def assess(
    customer: Customer,
    *,
    template: str,
    answers: Mapping[str, int],
    note: str,
    made_on: date,
    by: User | None,
    at: datetime,
) -> Assessment:
    """A filled form. `answers` by `area.question`. Raises InputRefused when nothing was answered,
    for an unknown form, and for a day in the future."""
    known = templates().get(template)
    if known is None:
        raise InputRefused(gettext_noop("This form is not in use any more."))
    _check_day(made_on, at)
    found = score(known, answers)
    if not found.answered:
        raise InputRefused(gettext_noop("Answer at least one question."))
    made = Assessment.objects.create(
        customer=customer,
        template=_row_of(known, at=at),
        made_on=made_on,
        answers=dict(answers),
        scores=dict(found.areas),
        maturity_score=found.maturity,
        potential_score=found.potential,
        note=note,
        by=by,
        recorded_at=at,
    )
    detail = {"template": template, "maturity": found.maturity, "potential": found.potential}
    record_about(customer, action="assessment.made", detail=detail, by=by, at=at)
    return made


def _row_of(template: Template, *, at: datetime) -> AssessmentTemplate:
    """What was answered stays with its version, a shipped one too."""
    row, _made = AssessmentTemplate.objects.get_or_create(
        name=template.name,
        version=template.version,
        defaults={"definition": plain(template), "made_at": at, "made_by": None},
    )
    return row


@transaction.atomic
def take_back(assessment: Assessment, *, by: User | None, at: datetime) -> None:
    """It counts no more; `put_back` undoes it."""
    if not Assessment.objects.filter(pk=assessment.pk, taken_back_at__isnull=True).update(
        taken_back_at=at, version=F("version") + 1
    ):
        raise InputRefused(gettext_noop("This was taken back already."))
    _about(assessment, "assessment.taken_back", by=by, at=at)


@transaction.atomic
def put_back(assessment: Assessment, *, by: User | None, at: datetime) -> None:
    if not Assessment.objects.filter(pk=assessment.pk, taken_back_at__isnull=False).update(
        taken_back_at=None, version=F("version") + 1
    ):
        raise InputRefused(gettext_noop("This stands already."))
    _about(assessment, "assessment.put_back", by=by, at=at)


def _about(assessment: Assessment, action: str, *, by: User | None, at: datetime) -> None:
    detail = {"template": assessment.template.name, "made_on": str(assessment.made_on)}
    record_about(assessment.customer, action=action, detail=detail, by=by, at=at)


@transaction.atomic
def propose(
    customer: Customer,
    *,
    solution: str,
    assessment: Assessment | None,
    area: str,
    by: User | None,
    at: datetime,
) -> Proposal:
    """An offer of the catalogue is made. Raises InputRefused when it runs already."""
    known = solutions().get(solution)
    if known is None:
        raise InputRefused(gettext_noop("This offer is not in the catalogue any more."))
    row = _offer_of(known)
    running = Proposal.objects.filter(
        customer=customer,
        offer=row,
        state__in=(Proposal.State.PROPOSED, Proposal.State.ACCEPTED),
    )
    if running.exists():
        raise InputRefused(gettext_noop("This offer runs already."))
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    made = Proposal.objects.create(
        customer=customer,
        offer=row,
        assessment=assessment,
        area=area,
        made_on=today,
        changed_on=today,
        by=by,
        recorded_at=at,
    )
    detail = {"offer": known.name, "area": area}
    record_about(customer, action="offer.proposed", detail=detail, by=by, at=at)
    return made


def _offer_of(known: Solution) -> Offer:
    """What was offered has a row, a shipped one too."""
    row, _made = Offer.objects.get_or_create(
        name=known.name,
        defaults={
            "kind": known.kind,
            "title_zh": known.title_zh,
            "title_en": known.title_en,
            "areas": list(known.areas),
        },
    )
    return row


@transaction.atomic
def follow_offer(
    proposal: Proposal, *, state: str, result: str, version: int, by: User | None, at: datetime
) -> Proposal:
    """Where an offer stands now, and what came of it. Raises InputRefused for a step that does
    not follow, EditConflict when somebody was faster."""
    if state != proposal.state and state not in NEXT[proposal.state]:
        raise InputRefused(gettext_noop("This does not follow from where it stands."))
    before = proposal.state
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    _write(proposal, version, state=state, result=result, changed_on=today)
    detail = {"offer": proposal.offer.name, "offer_state": [before, state], "result": result[:200]}
    record_about(proposal.customer, action="offer.followed", detail=detail, by=by, at=at)
    return proposal


@transaction.atomic
def withdraw_offer(proposal: Proposal, *, by: User | None, at: datetime) -> None:
    """It was proposed by mistake. What was answered already is declined, not withdrawn."""
    if proposal.state != Proposal.State.PROPOSED:
        raise InputRefused(gettext_noop("This offer was answered already."))
    detail = {"offer": proposal.offer.name}
    record_about(proposal.customer, action="offer.withdrawn", detail=detail, by=by, at=at)
    proposal.delete()


@transaction.atomic
def diagnose(
    customer: Customer,
    *,
    judged: Mapping[str, int],
    stuck_at: str,
    response: str,
    made_on: date,
    by: User | None,
    at: datetime,
) -> Diagnosis:
    """Why a customer does not move. `judged`: motivation, ability and trigger, each 0–10."""
    _check_day(made_on, at)
    lack = lacking(**judged)
    made = Diagnosis.objects.create(
        customer=customer,
        **judged,
        lack=lack,
        stuck_at=stuck_at,
        response=response,
        by=by,
        made_on=made_on,
        recorded_at=at,
    )
    detail = {**judged, "lack": lack, "reason": stuck_at}
    record_about(customer, action="diagnosis.made", detail=detail, by=by, at=at)
    return made


@transaction.atomic
def write_result(
    diagnosis: Diagnosis, *, result: str, version: int, by: User | None, at: datetime
) -> Diagnosis:
    """What came of the answer to a diagnosis. Raises EditConflict when somebody was faster."""
    before = diagnosis.result
    _write(diagnosis, version, result=result)
    detail = {"result": [before[:200], result[:200]]}
    record_about(diagnosis.customer, action="diagnosis.result", detail=detail, by=by, at=at)
    return diagnosis


@transaction.atomic
def withdraw_diagnosis(diagnosis: Diagnosis, *, by: User | None, at: datetime) -> None:
    detail = {"lack": diagnosis.lack, "made_on": str(diagnosis.made_on)}
    record_about(diagnosis.customer, action="diagnosis.withdrawn", detail=detail, by=by, at=at)
    diagnosis.delete()


def _write(row: Model, version: int, **values: Any) -> None:
    found = type(row)._default_manager.filter(pk=row.pk, version=version)
    if not found.update(**values, version=F("version") + 1):
        raise EditConflict(
            gettext_noop(
                "Somebody changed this in the meantime. Look at the new value and save again."
            )
        )
    row.refresh_from_db()
