"""Plans and touchpoints through the gate: of customers that the user may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Max, Prefetch, Q, QuerySet
from django.http import Http404

from perennial.customers.models import About, Comment, Customer, Tier, Touch, TouchKind
from perennial.customers.queries import at_customer, records_of, visible_records
from perennial.team.models import AuditEntry, SecretLink, User
from perennial.units.moment import day_end, day_start
from perennial.work.models import Goal, Plan, PlanAction, Reading, Strategy, Touchpoint
from perennial.work.plans.rules.touchpoints import NEAR_DAYS, ON_TIME_DAYS

ENDED = (Plan.State.REACHED, Plan.State.MISSED, Plan.State.STOPPED)
TABS = {"active": (Plan.State.ACTIVE,), "draft": (Plan.State.DRAFT,), "ended": ENDED}
FULFILLING = (TouchKind.MEETING, TouchKind.VISIT, TouchKind.CALL)
HISTORY = 50


def visible_plans(user: User) -> QuerySet[Plan]:
    """The gate of plans."""
    return Plan.objects.filter(customer__in=visible_records(user)).select_related(
        "customer__owner", "customer__merged_into__owner", "owner"
    )


def plan_for(user: User, pk: int) -> Plan:
    """One plan, or Http404: a foreign one does not exist for this user."""
    found = visible_plans(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def whole_plans(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with their goals and joint actions, in their order."""
    readings = Prefetch("readings", Reading.objects.order_by("on").select_related("by"))
    goals = Goal.objects.order_by("position", "pk").prefetch_related(readings)
    actions = PlanAction.objects.order_by(F("due_on").asc(nulls_last=True), "position", "pk")
    return plans.prefetch_related(
        Prefetch("goals", goals),
        Prefetch("actions", actions.select_related("owner", "person", "goal")),
    )


def plans_of(user: User, customer: Customer) -> QuerySet[Plan]:
    """The plans of a customer, running ones first."""
    found = Plan.objects.filter(customer__in=records_of(user, customer))
    return whole_plans(found.select_related("customer__merged_into", "owner")).order_by(
        "state", "-starts_on"
    )


def strategies_of(plan: Plan) -> QuerySet[Strategy]:
    return plan.strategies.select_related("person").order_by("person__name", "pk")


def links_of(plan: Plan) -> QuerySet[SecretLink]:
    """Every link that was made for a plan, newest first."""
    links = SecretLink.objects.filter(kind=SecretLink.Kind.PLAN, object_id=plan.pk)
    return links.select_related("user").order_by("-pk")


def said_with_customer(plan: Plan) -> QuerySet[Comment]:
    """What was said where the customer sees it: `author` is not empty."""
    said = Comment.objects.filter(about_type=About.PLAN, about_id=plan.pk, removed_at=None)
    return said.exclude(author="").select_related("by").order_by("at", "pk")


def history_of(plan: Plan) -> list[AuditEntry]:
    """What was done with a plan, newest first."""
    lines = AuditEntry.objects.filter(object_type="plan", object_id=str(plan.pk))
    return list(lines.select_related("by").order_by("-at", "-pk")[:HISTORY])


def counts(plans: QuerySet[Plan]) -> dict[str, int]:
    """How many stand in each tab."""
    by_state = dict(plans.order_by().values_list("state").annotate(Count("pk")))
    return {tab: sum(by_state.get(it, 0) for it in states) for tab, states in TABS.items()}


def shared_plans(plans: Iterable[int], *, at: datetime) -> set[int]:
    """Which of these plans have a link that still opens."""
    open_still = Q(expires_at=None) | Q(expires_at__gt=at)
    links = SecretLink.objects.filter(kind=SecretLink.Kind.PLAN, object_id__in=list(plans))
    return set(links.filter(open_still, revoked_at=None).values_list("object_id", flat=True))


def visible_touchpoints(user: User) -> QuerySet[Touchpoint]:
    """The gate of touchpoints."""
    return Touchpoint.objects.filter(customer__in=visible_records(user)).select_related(
        "customer__owner", "customer__merged_into__owner", "owner", "touch"
    )


def touchpoint_for(user: User, pk: int) -> Touchpoint:
    """One touchpoint, or Http404."""
    found = visible_touchpoints(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def touchpoints_between(user: User, from_on: date, until_on: date) -> QuerySet[Touchpoint]:
    """Touchpoints due in [from_on, until_on) that are planned or done, by day."""
    found = visible_touchpoints(user).filter(due_on__gte=from_on, due_on__lt=until_on)
    return found.exclude(state=Touchpoint.State.SKIPPED).order_by("due_on", "pk")


def overdue(user: User, *, on: date) -> QuerySet[Touchpoint]:
    """Planned ones whose day has passed, the oldest first."""
    found = visible_touchpoints(user).filter(state=Touchpoint.State.PLANNED, due_on__lt=on)
    return found.order_by("due_on", "pk")


def of_customer(user: User, customer: Customer) -> QuerySet[Touchpoint]:
    """Touchpoints of one customer, by day."""
    seen = Touchpoint.objects.filter(customer__in=records_of(user, customer))
    return seen.select_related("customer__merged_into", "owner", "touch").order_by("due_on", "pk")


def near_touches(
    touchpoints: Iterable[Touchpoint], until_on: date | None = None
) -> dict[int, Touch]:
    """Touchpoint → the contact within seven days of it that may have been the one: nearest
    first, and none that another touchpoint has. Days after `until_on` have had no contact yet."""
    zone = settings.PERENNIAL_TIME_ZONE
    near = timedelta(days=NEAR_DAYS)
    planned = [it for it in touchpoints if it.state == Touchpoint.State.PLANNED]
    wanted = [it for it in planned if until_on is None or it.due_on - near <= until_on]
    if not wanted:
        return {}
    days = [it.due_on for it in wanted]
    touches = Touch.objects.filter(
        at_customer({it.customer.pk for it in wanted}),
        kind__in=FULFILLING,
        happened_at__gte=day_start(min(days) - near, zone),
        happened_at__lt=day_end(max(days) + near, zone),
        touchpoint=None,
    ).select_related("person", "customer__merged_into")
    free: dict[int, list[Touch]] = {}
    for touch in touches:
        free.setdefault(touch.customer.pk, []).append(touch)
    found: dict[int, Touch] = {}
    for it in sorted(wanted, key=lambda it: (it.due_on, it.pk)):
        choices = [
            (abs((touch.happened_at.astimezone(zone).date() - it.due_on).days), touch.pk, touch)
            for touch in free.get(it.customer.pk, [])
        ]
        best = min(choices, default=None, key=lambda one: one[:2])
        if best is not None and best[0] <= NEAR_DAYS:
            found[it.pk] = best[2]
            free[it.customer.pk].remove(best[2])
    return found


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the touchpoints of a tier that were due and not skipped: how many were held in time."""

    tier: str
    due: int
    on_time: int
    late: int
    skipped: int

    @property
    def on_time_rate(self) -> float | None:
        return self.on_time / self.due if self.due else None


def coverage(user: User, *, from_on: date, until_on: date) -> list[Coverage]:
    """Coverage by tier of what was due in [from_on, until_on), and of all ('' as tier) last."""
    due = Touchpoint.objects.filter(
        customer__in=visible_records(user), due_on__gte=from_on, due_on__lt=until_on
    )
    skipped = Q(state=Touchpoint.State.SKIPPED)
    held = Q(state=Touchpoint.State.DONE)
    in_time = held & Q(done_on__lte=F("due_on") + timedelta(days=ON_TIME_DAYS))
    rows = (
        due.order_by()
        .values("customer__tier")
        .annotate(
            due=Count("pk", filter=~skipped),
            on_time=Count("pk", filter=in_time),
            held=Count("pk", filter=held),
            skipped=Count("pk", filter=skipped),
        )
    )
    found = {
        row["customer__tier"]: Coverage(
            row["customer__tier"],
            row["due"],
            row["on_time"],
            row["held"] - row["on_time"],
            row["skipped"],
        )
        for row in rows
    }
    tiers = [found[it] for it in (*Tier.values, "") if it in found]
    total = [sum(getattr(it, name) for it in tiers) for name in Coverage.__slots__[1:]]
    return [*tiers, Coverage("all", *total)]


def last_filled_on() -> date | None:
    """The day as of which goals were last measured."""
    found: date | None = Goal.objects.aggregate(on=Max("current_on"))["on"]
    return found
