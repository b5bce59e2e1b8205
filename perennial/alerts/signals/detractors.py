"""People who would not recommend us: the newest NPS answer counts, a later good one ends it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import DETRACTOR_DAYS, DETRACTOR_SCORE
from perennial.alerts.signals.facts import Facts, local_day
from perennial.surveys.models import Answer, SurveyKind
from perennial.units.moment import day_start


def detractors(facts: Facts) -> list[Candidate] | None:
    start = day_start(facts.day - timedelta(days=DETRACTOR_DAYS - 1), settings.PERENNIAL_TIME_ZONE)
    answers = Answer.objects.filter(kind=SurveyKind.NPS, answered_at__lt=facts.end)
    if not answers.exists():
        return None
    newest = {
        (answer.customer_id, answer.person_id_text or answer.external_id): answer
        for answer in answers.filter(answered_at__gte=start).order_by("answered_at", "pk")
    }
    return [
        Candidate(
            answer.customer_id,
            Rule.DETRACTOR,
            "nps",
            round(0.4 + 0.5 * (1 - min(score / DETRACTOR_SCORE.enter, 1)), 4),
            local_day(answer.answered_at),
            expected=DETRACTOR_SCORE.leave,
            observed=score,
            params={"score": score, "comment": answer.comment[:200]},
            enters=DETRACTOR_SCORE.enters(score),
        )
        for answer in newest.values()
        if DETRACTOR_SCORE.holds(score := float(answer.score))
    ]
