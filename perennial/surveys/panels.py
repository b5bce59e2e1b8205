"""The card of a customer's survey answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.surveys.queries import answers_of
from perennial.team.models import User
from perennial.web.panels import Panel

FEW = 5
DETRACTS, PROMOTES = 6, 9  # NPS: 0–6 detractor, 9–10 promoter


def context(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    """The newest answers; None without any."""
    del day
    answers = [
        (answer, _tone(answer.kind, float(answer.score)))
        for answer in answers_of(user, customer)[:FEW]
    ]
    return {"answers": answers} if answers else None


def _tone(kind: str, score: float) -> str:
    if kind != "nps":
        return ""
    return "bad" if score <= DETRACTS else "good" if score >= PROMOTES else ""


ANSWERS = Panel(_("Surveys"), "surveys/panel_answers.html", context)
