"""The day's progress: milestones that data reaches, normal use, ways in that are finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from perennial.customers.models import Stage
from perennial.health.classes.rules.gates import normal_use
from perennial.metrics.queries import daily_counts
from perennial.work.models import Milestone, Onboarding
from perennial.work.onboarding.queries.definitions import definitions_by_row
from perennial.work.onboarding.queries.facts import Way, facts_of, is_connected, past_uses
from perennial.work.onboarding.rules.definition import Measure, Step
from perennial.work.onboarding.rules.milestones import Facts, Reached, Use, reached

BATCH = 500
NORMAL_USE_DAYS = 180  # so long after the start it is looked for
LEFT = "left"  # the reason of one that ended because the customer went
_EXACT_BY_ITSELF = frozenset({Measure.HAND, Measure.TOUCH})
_RUNNING = Onboarding.State.RUNNING
_DONE = Onboarding.State.DONE


@transaction.atomic
def progress(*, day: date, at: datetime) -> dict[str, int]:
    """Bring every running way in to the end of `day`; run twice, the second changes nothing."""
    running = list(
        Onboarding.objects.filter(state=_RUNNING, started_on__lte=day).select_related("customer")
    )
    done = _complete(running, day=day, at=at)
    used = _normal_use(day)
    ended = _finish(day)
    return {"reached": done, "in_use": used, "ended": ended}


def _way(it: Onboarding) -> Way:
    return Way(it.customer_id, it.customer.external_id, it.started_on)


def _complete(running: list[Onboarding], *, day: date, at: datetime) -> int:
    """Milestones that data shows; those of usage with the first day on which it showed them."""
    plans = definitions_by_row()
    facts = facts_of([_way(it) for it in running], day)
    by_pk = {it.pk: it for it in running}
    found: list[tuple[Milestone, Step, Reached]] = []
    waiting = Milestone.objects.filter(done_on=None, onboarding__state=_RUNNING)
    for milestone in waiting.order_by("pk"):
        way = by_pk.get(milestone.onboarding_id)
        step = plans[way.plan_id].step(milestone.step) if way else None
        if way is None or step is None:
            continue
        hit = reached(step, facts[way.customer_id], started_on=way.started_on)
        if hit is not None:
            found.append((milestone, step, hit))
    exact = _exact(found, by_pk, facts, day)
    for milestone, _step, hit in found:
        hit = exact.get(milestone.pk, hit)
        milestone.done_on, milestone.evidence = hit.on, hit.evidence
        milestone.by_data, milestone.recorded_at = True, at
        milestone.version += 1
    names = ["done_on", "evidence", "by_data", "recorded_at", "version"]
    Milestone.objects.bulk_update([it[0] for it in found], names, batch_size=BATCH)
    _first_value(found, by_pk)
    return len(found)


def _exact(
    found: Iterable[tuple[Milestone, Step, Reached]],
    by_pk: dict[int, Onboarding],
    facts: dict[int, Facts],
    day: date,
) -> dict[int, Reached]:
    """By milestone the first day on which usage showed it: the run may have missed some days."""
    wanted: dict[int, list[tuple[Milestone, Step]]] = defaultdict(list)
    for milestone, step, _ in found:
        if step.measure not in _EXACT_BY_ITSELF:
            wanted[milestone.onboarding_id].append((milestone, step))
    past = past_uses([_way(by_pk[pk]) for pk in wanted], day)
    hits: dict[int, Reached] = {}
    for pk, milestones in wanted.items():
        way = by_pk[pk]
        for milestone, step in milestones:
            hit = _first(step, facts[way.customer_id], past[way.customer_id], way.started_on)
            if hit is not None:
                hits[milestone.pk] = hit
    return hits


def _first(
    step: Step, facts: Facts, past: list[tuple[date, Use | None]], started_on: date
) -> Reached | None:
    days = (replace(facts, day=on, use=use, talks=()) for on, use in past)
    hits = (reached(step, it, started_on=started_on) for it in days)
    return next((hit for hit in hits if hit is not None), None)


def _first_value(
    found: Iterable[tuple[Milestone, Step, Reached]], by_pk: dict[int, Onboarding]
) -> None:
    plans = definitions_by_row()
    changed = []
    for milestone, _step, _hit in found:
        way = by_pk[milestone.onboarding_id]
        if plans[way.plan_id].first_value == milestone.step and way.first_value_on is None:
            way.first_value_on = milestone.done_on
            changed.append(way)
    Onboarding.objects.bulk_update(changed, ["first_value_on"], batch_size=BATCH)


def _normal_use(day: date) -> int:
    """上线并正常使用: the day by which the customer was active on 8 of 28 days."""
    waiting = list(
        Onboarding.objects.filter(
            in_use_on=None,
            started_on__lte=day,
            started_on__gt=day - timedelta(days=NORMAL_USE_DAYS),
        ).select_related("customer")
    )
    if not waiting or not is_connected():
        return 0
    first_on = min(it.started_on for it in waiting)
    names = sorted({it.customer.external_id for it in waiting})
    counts = daily_counts(from_on=first_on, to_on=day, customers=names)
    place = {name: at for at, name in enumerate(counts.customers)}
    changed = []
    for it in waiting:
        row = place.get(it.customer.external_id)
        if row is None:
            continue
        since = counts.counts[row, (it.started_on - first_on).days :].tolist()
        it.in_use_on = normal_use(since, first_on=it.started_on)
        if it.in_use_on is not None:
            changed.append(it)
    Onboarding.objects.bulk_update(changed, ["in_use_on"], batch_size=BATCH)
    return len(changed)


def _finish(day: date) -> int:
    """Those whose milestones are all reached are done; whoever left is not brought in further."""
    running = Onboarding.objects.filter(state=_RUNNING)
    gone = running.filter(Q(customer__stage=Stage.CHURNED) | ~Q(customer__merged_into=None))
    left = gone.update(state=Onboarding.State.STOPPED, ended_on=day, stopped_reason=LEFT)
    open_ones = Milestone.objects.filter(done_on=None).values("onboarding")
    ready = list(running.exclude(pk__in=open_ones).prefetch_related("milestones"))
    for it in ready:
        days = [one.done_on for one in it.milestones.all() if one.done_on]
        it.state, it.ended_on = _DONE, max(days, default=day)
    Onboarding.objects.bulk_update(ready, ["state", "ended_on"], batch_size=BATCH)
    return left + len(ready)
