"""The card on the customer page: how likely the next renewal is to be lost, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.health.risk.queries import risk_of, risks_said
from perennial.health.risk.shown import is_proven, reason, tone
from perennial.health.risk.wording import model_text
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.web.panels import Panel


def context(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    """None when nothing was said of a renewal ahead."""
    score = risk_of(user, customer, day=day)
    if score is None:
        return None
    said = risks_said(user, customer, due_on=score.due_on)
    reasons = [reason(part) for part in score.reasons]
    strongest = max((abs(it["effect"]) for it in reasons), default=1.0)
    return {
        "score": score,
        "tone": tone(score),
        "source": model_text(score.model.kind),
        "usual": score.model.card["base_rate"],
        "reasons": [{**it, "share": abs(it["effect"]) / strongest} for it in reasons],
        "said": [it.loss_probability for it in said],
        "first_said_on": said[0].said_on,
        "is_proven": is_proven(score.model),
        "sees_card": can(user, Page.RISK),
    }


RISK = Panel(_("Renewal risk"), "health/panel_risk.html", context)
