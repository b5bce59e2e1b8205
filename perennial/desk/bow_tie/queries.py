"""The facts of the bow-tie, of the customers that somebody sees, on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.conf import settings

from perennial.customers.queries import visible_customers
from perennial.desk.bow_tie.rules import Account, Part, Stage, lower_half, share
from perennial.health.inputs import Served, served
from perennial.health.queries.outcomes import LabelledRenewal, labelled_renewals
from perennial.metrics.queries.states import activity_states
from perennial.metrics.rules.states import State
from perennial.revenue.queries import contracted_mrr_on
from perennial.surveys.models import Answer, SurveyKind
from perennial.team.models import User
from perennial.units.moment import business_day, day_end
from perennial.work.models import Onboarding

BACK = timedelta(days=90)
YEAR = timedelta(days=365)
EVER = date(2000, 1, 1)


def bow_tie(user: User, *, day: date) -> list[Part]:
    """Lower half, then renewed and expanded. Through the gate: a CSM's is of the own book."""
    mine = set(visible_customers(user).values_list("pk", flat=True))
    renewals = labelled_renewals(EVER, day, known_on=day, customers=mine).rows
    now, before = (_accounts(it, mine, renewals) for it in (day, day - BACK))
    parts = lower_half(now, before, _days(mine, renewals, day=day))
    decided = [not it.lost for it in renewals if it.due_on > day - YEAR]
    return [*parts, share(Stage.RENEWED, decided), share(Stage.EXPANDED, _grown(now, day=day))]


def _accounts(day: date, mine: set[int], renewals: Sequence[LabelledRenewal]) -> dict[int, Account]:
    """Everybody in service at the end of a day, as known now."""
    here = [it for it in served(day) if it.pk in mine]
    states = activity_states(day)
    renewed = {it.customer for it in renewals if not it.lost and it.due_on <= day}
    nps = _newest_nps(day)
    return {it.pk: Account(_is_active(it, states), it.pk in renewed, nps.get(it.pk)) for it in here}


def _is_active(it: Served, states: Mapping[str, State]) -> bool | None:
    """Without any usage in the installation nobody can tell; a customer never seen is not."""
    if not states:
        return None
    return states.get(it.external_id) == State.ACTIVE


def _newest_nps(day: date) -> dict[int, float]:
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    rows = Answer.objects.filter(kind=SurveyKind.NPS, answered_at__lt=end).order_by("answered_at")
    return {pk: float(score) for pk, score in rows.values_list("customer", "score")}


def _days(
    mine: set[int], renewals: Sequence[LabelledRenewal], *, day: date
) -> dict[Stage, list[int]]:
    """How long it took: to the first value, to the first renewal, to the first 9 or 10."""
    began = {it.pk: it.started_on for it in served(day) if it.started_on and it.pk in mine}
    reached = Onboarding.objects.filter(customer__in=mine, first_value_on__isnull=False)
    active = [
        (on - started).days
        for started, on in reached.values_list("started_on", "first_value_on")
        if on is not None
    ]
    first: dict[int, date] = {}
    for it in renewals:
        if not it.lost:
            first[it.customer] = min(first.get(it.customer, it.due_on), it.due_on)
    loyal = [(on - began[pk]).days for pk, on in first.items() if pk in began]
    rows = Answer.objects.filter(kind=SurveyKind.NPS, score__gte=9, customer__in=mine)
    praised: dict[int, date] = {}
    for pk, at in rows.order_by("answered_at").values_list("customer", "answered_at"):
        praised.setdefault(pk, business_day(at, settings.PERENNIAL_TIME_ZONE))
    promoter = [(on - began[pk]).days for pk, on in praised.items() if pk in began]
    found = {Stage.ACTIVE: active, Stage.LOYAL: loyal, Stage.PROMOTER: promoter}
    return {stage: [it for it in listed if it >= 0] for stage, listed in found.items()}


def _grown(now: Mapping[int, Account], *, day: date) -> list[bool | None]:
    """Of customers that paid a year ago: do they pay more now?"""
    today, earlier = contracted_mrr_on(None, day), contracted_mrr_on(None, day - YEAR)
    found: list[bool | None] = []
    for pk in now:
        old, new = earlier.get(pk), today.get(pk)
        if pk not in earlier or old == 0:
            continue
        found.append(None if old is None or new is None else new > old)
    return found
