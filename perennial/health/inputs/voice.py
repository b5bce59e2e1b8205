"""What people answered: the newest answer of each person of the last year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np

from perennial.health.inputs.cases import Column, column
from perennial.health.inputs.scene import Scene
from perennial.surveys.models import Answer, SurveyKind

# Four of five is satisfied; answers count that are at most a year older than the newest one.
# Who gave no name is one person per answer. Of one day the later row counts.
_LATEST: Final = """
    WITH known AS (
        SELECT "case", score, answered_on, max(answered_on) OVER (PARTITION BY "case") AS last_on,
            row_number() OVER (
                PARTITION BY "case",
                    CASE WHEN person_id_text = '' THEN external_id ELSE person_id_text END
                ORDER BY answered_on DESC, pk DESC
            ) AS nth
        FROM cases JOIN answers USING (customer_id)
        WHERE answered_on <= as_of AND recorded_on <= known_on
    )
    SELECT "case", avg(score) AS mean, count(*) AS answers, max(last_on) AS last_on,
        avg((score >= 4)::INTEGER) AS satisfied
    FROM known WHERE nth = 1 AND last_on - answered_on <= 365 GROUP BY "case" """


def _answers(scene: Scene, *, kind: str, figure: str) -> Column:
    fields = ("answered_at", "score", "person_id_text", "external_id", "pk")
    answers = scene.facts(Answer.objects.filter(kind=kind), *fields)
    found = scene.ask(_LATEST, answers=answers)
    value = scene.placed(found, figure)
    count = scene.placed(found, "answers", absent=0.0)
    return column(
        value,
        as_of_on=scene.placed_days(found, "last_on"),
        connected=scene.since_first(answers, "answered_on"),
        params={"score": np.round(value, 1), "satisfied_rate": value, "answers": count},
    )


READERS: Mapping[str, Callable[[Scene], Column]] = {
    "nps": partial(_answers, kind=SurveyKind.NPS.value, figure="mean"),
    "csat": partial(_answers, kind=SurveyKind.CSAT.value, figure="satisfied"),
}
