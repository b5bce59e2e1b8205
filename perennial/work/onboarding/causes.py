"""What of the way in is owed today: late milestones, handovers nobody answers, late deliveries,
go-lives that usage does not show."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.utils import translation

from perennial.units.moment import business_day, day_end
from perennial.work.cause import Cause
from perennial.work.models import Handover, Milestone, Onboarding, Phase, Project, Reason
from perennial.work.onboarding.queries.definitions import definitions_by_row, in_force
from perennial.work.onboarding.queries.facts import is_connected
from perennial.work.onboarding.rules.delivery import PHASES, Days, Lag, UseState, lag, use_state

LATE_SEVERITY, UNUSED_SEVERITY = 0.5, 0.7
WEEK_SEVERITY = 0.1  # more for each week late, up to 1
ANSWER_DAYS = 1  # the receiver has a day
HANDED_SEVERITY = 0.4


def severity(first: float, *, days: int) -> float:
    return min(first + WEEK_SEVERITY * (days // 7), 1.0)


def late_milestones(day: date) -> list[Cause]:
    plans = definitions_by_row()
    late = Milestone.objects.filter(
        done_on=None, due_on__lt=day, onboarding__state=Onboarding.State.RUNNING
    ).order_by("due_on", "pk")
    found = []
    names = ("onboarding__customer_id", "onboarding__plan_id", "step", "due_on")
    for customer_id, plan_id, name, due_on in late.values_list(*names):
        step = plans[plan_id].step(name)
        title = step.title.plain() if step else {"zh": name, "en": name}
        late_by = severity(LATE_SEVERITY, days=(day - due_on).days)
        params = {"title": title, "due_on": due_on.isoformat()}
        found.append(
            Cause(customer_id, Reason.MILESTONE, late_by, due_on, "", due_on, params, name)
        )
    return found


def open_handovers(day: date) -> list[Cause]:
    """Offered, and not answered after a day."""
    zone = settings.PERENNIAL_TIME_ZONE
    waiting = Handover.objects.filter(
        state=Handover.State.OFFERED,
        offered_at__lt=day_end(day - timedelta(days=ANSWER_DAYS), zone),
    ).order_by("pk")
    found = []
    for pk, customer_id, offered_at in waiting.values_list("pk", "customer_id", "offered_at"):
        on = business_day(offered_at or day_end(day, zone), zone)
        late_by = severity(HANDED_SEVERITY, days=(day - on).days)
        params = {"since_on": on.isoformat()}
        due_on = on + timedelta(days=ANSWER_DAYS)
        found.append(Cause(customer_id, Reason.HANDOVER, late_by, on, "", due_on, params, str(pk)))
    return found


def late_deliveries(day: date) -> list[Cause]:
    """The first late phase of each running project; what is live and not used."""
    found = []
    titles = phase_titles()
    running = Project.objects.filter(state=Project.State.RUNNING).prefetch_related("phases")
    for project in running.order_by("pk"):
        phases = {it.name: it for it in project.phases.all()}
        days = {name: Days(it.planned_on, it.done_on) for name, it in phases.items()}
        name = next((it for it in PHASES if lag(it, days, as_of=day) is Lag.LATE), "")
        due_on = days[name].planned_on if name else None
        if due_on is not None:
            late_by = severity(LATE_SEVERITY, days=(day - due_on).days)
            params = {"title": project.title, "phase": titles[name], "due_on": due_on.isoformat()}
            about = f"{project.pk}"
            found.append(
                Cause(
                    project.customer_id, Reason.DELIVERY, late_by, due_on, "", due_on, params, about
                )
            )
    return found + _unused(day)


def _unused(day: date) -> list[Cause]:
    found = []
    within = in_force().use_window_days
    connected = is_connected()
    live = Project.objects.filter(golive_on__isnull=False, in_use_on=None)
    for it in live.exclude(state=Project.State.STOPPED).order_by("pk"):
        state = use_state(
            it.golive_on, used_on=None, within_days=within, as_of=day, is_connected=connected
        )
        if state is UseState.NOT_USED and it.golive_on is not None:
            over_on = it.golive_on + timedelta(days=within)
            late_by = severity(UNUSED_SEVERITY, days=(day - over_on).days)
            params = {"title": it.title, "golive_on": it.golive_on.isoformat()}
            about = f"{it.pk}-use"
            found.append(
                Cause(
                    it.customer_id, Reason.DELIVERY, late_by, over_on, "unused", None, params, about
                )
            )
    return found


def phase_titles() -> dict[str, dict[str, str]]:
    """In both languages: items keep what they say, and are read in either."""
    found: dict[str, dict[str, str]] = {name: {} for name in Phase.Name.values}
    for short, code in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(code):
            for it in Phase.Name:
                found[it][short] = str(it.label)
    return found
