"""Rows of the lists and cards as templates show them: words, tones, what may be opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings

from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.work.models import Handover, Phase
from perennial.work.onboarding.charts import phase_bar
from perennial.work.onboarding.queries.deliveries import Delivery
from perennial.work.onboarding.queries.handed import seen_customers
from perennial.work.onboarding.queries.ways_in import Mark, Row
from perennial.work.onboarding.rules.delivery import Lag
from perennial.work.onboarding.rules.milestones import MilestoneState
from perennial.work.onboarding.wording import (
    HANDED,
    LAGS,
    MILESTONES,
    USES,
    evidence,
    how,
    step_title,
    stopped,
    why,
)

Shown = Mapping[str, Any]


def mark(it: Mark) -> Shown:
    """A milestone: its title, how it is reached, what showed it."""
    word, tone, icon = MILESTONES[it.state]
    return {
        "row": it.row,
        "title": step_title(it.step, it.row.step),
        "how": how(it.step) if it.step else "",
        "evidence": evidence(it.row, it.step),
        "word": word,
        "tone": tone,
        "icon": icon,
        "days_late": it.days_late,
        "is_done": it.is_done,
        "is_late": it.state is MilestoneState.LATE,
        "is_first_value": it.is_first_value,
    }


def way_in(it: Row, user: User) -> Shown:
    """A way in as a row of the list, or as the card of a customer's page."""
    marks = [mark(one) for one in it.marks]
    ahead = it.next
    return {
        "way": it.way,
        "customer": it.way.customer,
        "owner": it.way.owner or it.way.customer.owner,
        "why": why(it.way, with_money=sees_money(user)),
        "marks": marks,
        "done": it.done,
        "late": len(it.late),
        "next": mark(ahead) if ahead else None,
        "day": it.day,
        "stopped": stopped(it.way),
        "value_days": (it.way.first_value_on - it.way.started_on).days
        if it.way.first_value_on
        else None,
    }


def handovers(rows: Sequence[Handover], user: User) -> list[Shown]:
    """The customer's page is a link only for who may open it."""
    seen = seen_customers(user, list(rows))
    return [handover(it, is_seen=it.customer.pk in seen) for it in rows]


def handover(it: Handover, *, is_seen: bool) -> Shown:
    return {
        "row": it,
        "customer": it.customer,
        "is_seen": is_seen,
        "giver": it.from_user.name if it.from_user else it.from_name,
        "salesperson": it.from_name,
        "receiver": it.to_user.name if it.to_user else it.to_team.name if it.to_team else "",
        "is_team": bool(it.to_team and not it.to_user),
        "tone": HANDED[it.state],
        "since_on": _day(it),
    }


def _day(it: Handover) -> date:
    moment = it.decided_at or it.offered_at or it.made_at
    return business_day(moment, settings.PERENNIAL_TIME_ZONE)


def delivery(it: Delivery) -> Shown:
    """A project with its phase bar, and whether it is really used."""
    word, tone = USES[it.use]
    late = it.late
    return {
        "project": it.project,
        "customer": it.project.customer,
        "owner": it.project.owner or it.project.customer.owner,
        "bar": phase_bar(it),
        "current": Phase.Name(it.current).label if it.current else "",
        "late": late,
        "late_title": late.row.get_name_display() if late else "",
        "golive_late_days": it.golive_late_days,
        "use": it.use,
        "use_word": word,
        "use_tone": tone,
        "use_until_on": it.use_until_on,
        "parts": [
            {
                "row": part.row,
                "title": part.row.get_name_display(),
                "word": LAGS[part.lag][0],
                "tone": LAGS[part.lag][1],
                "days_late": part.days_late if part.lag in (Lag.LATE, Lag.DONE_LATE) else 0,
            }
            for part in it.parts
        ],
    }
