"""Templates and solutions in force, what was found at a customer, and its newest scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from perennial.customers.assessments.rules.offers import Suggestion, suggestions
from perennial.customers.assessments.rules.scoring import low_areas
from perennial.customers.assessments.rules.shipped import SHIPPED, SOLUTIONS, Solution
from perennial.customers.assessments.rules.template import Template, of
from perennial.customers.models import (
    Assessment,
    AssessmentTemplate,
    Customer,
    Diagnosis,
    Offer,
    Proposal,
)
from perennial.customers.queries import records_of
from perennial.team.models import User

RUNNING = (Proposal.State.PROPOSED, Proposal.State.ACCEPTED)


def templates() -> dict[str, Template]:
    """By name, the newest version of each; shipped ones until somebody wrote others."""
    found = dict(SHIPPED)
    for row in AssessmentTemplate.objects.order_by("name", "version"):
        if row.retired_at:
            found.pop(row.name, None)
        else:
            found[row.name] = template_of(row)
    return found


def template_of(row: AssessmentTemplate) -> Template:
    return of(row.name, row.definition, version=row.version)


def newest_version(name: str) -> int:
    """Of a template; 0: as shipped, or nobody wrote it yet."""
    row = AssessmentTemplate.objects.filter(name=name).order_by("-version").first()
    return row.version if row else 0


def solutions() -> dict[str, Solution]:
    """The catalogue by name; shipped entries until somebody changed or retired them."""
    found = dict(SOLUTIONS)
    for row in Offer.objects.order_by("kind", "name"):
        if row.retired_at:
            found.pop(row.name, None)
        else:
            found[row.name] = solution_of(row)
    return found


def solution_of(row: Offer) -> Solution:
    return Solution(row.name, row.kind, row.title_zh, row.title_en, tuple(row.areas))


def assessments_of(user: User, customer: Customer) -> QuerySet[Assessment]:
    """What stands, newest first."""
    return (
        Assessment.objects.filter(
            customer__in=records_of(user, customer), taken_back_at__isnull=True
        )
        .select_related("template", "by")
        .order_by("-made_on", "-pk")
    )


def assessment_for(user: User, customer: Customer, pk: int) -> Assessment:
    """One of a customer, taken back or not, or Http404."""
    seen = Assessment.objects.filter(customer__in=records_of(user, customer), pk=pk)
    found = seen.select_related("template").first()
    if found is None:
        raise Http404
    return found


def proposals_of(user: User, customer: Customer) -> QuerySet[Proposal]:
    """Offers made to a customer, those that run first, newest first."""
    seen = Proposal.objects.filter(customer__in=records_of(user, customer))
    return seen.select_related("offer", "by").order_by("-changed_on", "-pk")


def proposal_for(user: User, customer: Customer, pk: int) -> Proposal:
    found = proposals_of(user, customer).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def diagnoses_of(user: User, customer: Customer) -> QuerySet[Diagnosis]:
    """Newest first."""
    seen = Diagnosis.objects.filter(customer__in=records_of(user, customer))
    return seen.select_related("by").order_by("-made_on", "-pk")


def diagnosis_for(user: User, customer: Customer, pk: int) -> Diagnosis:
    found = diagnoses_of(user, customer).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def suggested(assessment: Assessment, proposals: Iterable[Proposal]) -> list[Suggestion]:
    """Offers that fit the low areas of an assessment and do not run yet."""
    low = low_areas(assessment.scores, low_score=template_of(assessment.template).low_score)
    running = {it.offer.name for it in proposals if it.state in RUNNING}
    return suggestions(low, solutions().values(), running=running)


@dataclass(frozen=True, slots=True)
class Newest:
    """What the newest assessment says of a customer, 0–100; None: not asked."""

    maturity_score: float | None
    potential_score: float | None


def newest_scores(day: date) -> dict[int, Newest]:
    """By customer, of the newest assessment made by the end of a day that stands."""
    rows = (
        Assessment.objects.filter(made_on__lte=day, taken_back_at__isnull=True)
        .order_by("made_on", "pk")
        .values_list("customer_id", "maturity_score", "potential_score")
    )
    found: dict[int, Newest] = {}
    for pk, maturity, potential in rows:
        before = found.get(pk, Newest(None, None))
        found[pk] = Newest(
            before.maturity_score if maturity is None else maturity,
            before.potential_score if potential is None else potential,
        )
    return found
