"""The gate of the way in. A handover is seen by who gives and who receives it, too: the receiver
must read it before the customer is theirs."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Q, QuerySet
from django.http import Http404

from perennial.customers.queries import visible_records
from perennial.team.access import Scope, scope
from perennial.team.models import User
from perennial.work.models import Handover, Milestone, Onboarding, Project, Promise

T = TypeVar("T")
_STATE = Handover.State


def visible_onboardings(user: User) -> QuerySet[Onboarding]:
    return Onboarding.objects.filter(customer__in=visible_records(user)).select_related(
        "customer__owner", "customer__merged_into__owner", "owner", "plan"
    )


def visible_projects(user: User) -> QuerySet[Project]:
    return Project.objects.filter(customer__in=visible_records(user)).select_related(
        "customer__owner", "customer__merged_into__owner", "owner"
    )


def visible_handovers(user: User) -> QuerySet[Handover]:
    """Of customers in reach; given by the user; and, once offered, to the user or the user's
    team. A team's handover that a member accepted stays with who decided it."""
    found = Handover.objects.select_related(
        "customer__owner",
        "customer__merged_into__owner",
        "from_user",
        "to_user",
        "to_team",
        "decided_by",
    )
    if scope(user).scope is Scope.NONE:
        return found.none()
    mine = Q(customer__in=visible_records(user)) | Q(from_user=user) | Q(decided_by=user)
    return found.filter(mine | _received_by(user))


def _received_by(user: User) -> Q:
    offered = Q(state=_STATE.OFFERED)
    received = offered & Q(to_user=user)
    if user.team_id is not None:
        received |= offered & Q(to_user=None, to_team=user.team_id)
    return received


def offered_to(user: User) -> QuerySet[Handover]:
    """What waits for this user's answer."""
    return visible_handovers(user).filter(_received_by(user))


def onboarding_for(user: User, pk: int) -> Onboarding:
    """One way in, or Http404: a foreign one does not exist for this user."""
    return _one(visible_onboardings(user).filter(pk=pk).first())


def milestone_for(user: User, pk: int) -> Milestone:
    rows = Milestone.objects.filter(onboarding__in=visible_onboardings(user)).select_related(
        "onboarding", "onboarding__customer", "onboarding__plan", "by"
    )
    return _one(rows.filter(pk=pk).first())


def handover_for(user: User, pk: int) -> Handover:
    return _one(visible_handovers(user).filter(pk=pk).first())


def promise_for(user: User, pk: int) -> Promise:
    rows = Promise.objects.filter(handover__in=visible_handovers(user))
    return _one(rows.select_related("handover", "handover__customer").filter(pk=pk).first())


def project_for(user: User, pk: int) -> Project:
    return _one(visible_projects(user).filter(pk=pk).first())


def _one(found: T | None) -> T:
    if found is None:
        raise Http404
    return found
