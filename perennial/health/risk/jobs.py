"""The day's risk: train anew when it is time, then say the probability of every open renewal.

What is said is kept, so that it can be scored later; a row is written when there is something
new to say: for the first time, by another model, or moved by a point, and once a month anyway.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from perennial.contracts.models import OrderLine
from perennial.health.inputs.cases import Cases, day_cases
from perennial.health.inputs.scene import Scene
from perennial.health.inputs.served import GRACE_DAYS
from perennial.health.models import RiskModel, RiskScore
from perennial.health.risk.actions import LEAD_DAYS, say, train
from perennial.health.risk.facts import columns_of, seen
from perennial.health.risk.queries import AHEAD_DAYS, current, last_said
from perennial.health.risk.rules import fitted
from perennial.health.risk.rules.cold_start import FEWEST_RENEWALS
from perennial.health.risk.rules.fitted import Fitted
from perennial.health.risk.rules.labelled import Columns, Numbers
from perennial.health.risk.rules.logistic import sigmoid
from perennial.units.errors import InputRefused
from perennial.units.progress import Progress, silent

EVERY_DAYS = 28  # a model is learned anew, if there is something new to learn from
NEW_SHARE = 0.02  # of the renewals learned from
NEW_LEAST = 10
MOST = 4000  # newest renewals that the day learns from: more changes little, and takes long
MOVED = 0.01
SAY_AGAIN_DAYS = 30  # so that every horizon has something that was said at it
REASONS = 6
LEAST_EFFECT = 0.03  # log-odds


def fill(*, day: date, scene: Scene | None = None, progress: Progress = silent) -> dict[str, int]:
    """Bring the risk to the end of `day`. Twice is once. Days before the newest said stay as
    they were said. `scene`: everybody served on that day, with what health read of them."""
    if RiskScore.objects.filter(said_on__gt=day).exists():
        return {"said": 0}
    model = _model(day)
    if model is None:
        return {"said": 0}
    rows = scores(day=day, model=model, scene=scene)
    progress(len(rows), len(rows))
    before = last_said(before=day)
    fresh = [row for row in rows if is_news(row, before.get((row.customer_id, row.due_on)))]
    return {"said": say(fresh, day=day)}


def is_news(row: RiskScore, last: RiskScore | None) -> bool:
    return (
        last is None
        or last.model_id != row.model_id
        or abs(last.loss_probability - row.loss_probability) >= MOVED
        or (row.said_on - last.said_on).days >= SAY_AGAIN_DAYS
    )


def _model(day: date) -> RiskModel | None:
    """The model in force, trained anew when it is time; None when there is too little."""
    model = current()
    if model is not None and not _is_due(model, day):
        return model
    past = OrderLine.objects.filter(void=False, end_on__lte=day - timedelta(days=GRACE_DAYS))
    if past[:FEWEST_RENEWALS].count() < FEWEST_RENEWALS:
        return model
    lead_days = model.card["settings"]["lead_days"] if model else LEAD_DAYS
    seed = model.seed if model else 0
    try:
        return train(
            known_on=day, lead_days=lead_days, seed=seed, most=MOST, by=None, at=datetime.now(UTC)
        )
    except InputRefused:  # too few that are decided: cold, and said so on the page
        return model


def _is_due(model: RiskModel, day: date) -> bool:
    """Four weeks have passed, and enough has ended since."""
    if (day - model.trained_on).days < EVERY_DAYS:
        return False
    since = model.trained_on - timedelta(days=GRACE_DAYS)
    ended = OrderLine.objects.filter(
        void=False, end_on__gt=since, end_on__lte=day - timedelta(days=GRACE_DAYS)
    ).count()
    return ended >= max(NEW_LEAST, NEW_SHARE * model.renewals)


def scores(*, day: date, model: RiskModel, scene: Scene | None = None) -> list[RiskScore]:
    """The probability of every open renewal of the coming half year, with its reasons."""
    scene = scene or Scene(day_cases(day))
    rows, due_on = _open(scene.cases, day)
    if not len(rows):
        return []
    columns = columns_of(seen(scene), due_on, rows)
    learned = fitted.of(model.fitted)
    told = sigmoid(learned.log_odds(columns))
    reasons = reasons_of(learned, columns)
    return [
        RiskScore(
            model=model,
            customer_id=int(pk),
            due_on=due,
            said_on=day,
            loss_probability=round(float(probability), 6),
            reasons=why,
        )
        for pk, due, probability, why in zip(
            scene.cases.customer[rows], due_on, told, reasons, strict=True
        )
    ]


def _open(cases: Cases, day: date) -> tuple[Any, list[date]]:
    """Cases with a renewal ahead that nobody decided yet, and when it is due."""
    rows, due_on = [], []
    for row, customer in enumerate(cases.served or ()):
        due = customer.open_due
        if due and not due.notice_on and day < due.due_on <= day + timedelta(days=AHEAD_DAYS):
            rows.append(row)
            due_on.append(due.due_on)
    return np.array(rows, dtype=np.int64), due_on


def reasons_of(model: Fitted, columns: Columns) -> list[list[dict[str, Any]]]:
    """Per row the strongest effects in log-odds: [{feature, value, effect}]."""
    effects = model.effects(columns)
    names = list(effects)
    size = len(next(iter(columns.values())).values)
    if not names:
        return [[] for _ in range(size)]
    table = np.array([effects[name] for name in names])
    order = np.argsort(-np.abs(table), axis=0, kind="stable")[:REASONS]
    return [
        [
            {
                "feature": names[at],
                "value": _value(columns.get(names[at]), row),
                "effect": round(float(table[at, row]), 3),
            }
            for at in order[:, row]
            if abs(table[at, row]) >= LEAST_EFFECT
        ]
        for row in range(size)
    ]


def _value(column: Any, row: int) -> float | str | None:
    if column is None:
        return None
    if isinstance(column, Numbers):
        value = float(column.values[row])
        return round(value, 4) if np.isfinite(value) else None
    return str(column.values[row]) or None
