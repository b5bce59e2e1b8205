"""The day's health: judge everybody, keep the history, show the newest."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
from django.db import transaction

from perennial.events.store import HEALTH_HISTORY, open_store
from perennial.health.classes.jobs import classify
from perennial.health.inputs import Book, Served, gather
from perennial.health.models import CurrentHealth
from perennial.health.queries import MONTH_DAYS, newest_before, stored
from perennial.health.rules import Band, Score, band_of, judge, pick_profile, settled_band
from perennial.health.scorecard import MEASURES, matching
from perennial.units.money import round_half_up
from perennial.units.progress import Progress, silent

BATCH = 500
SHOWN = (
    "as_of",
    "score",
    "band",
    "read_band",
    "coverage_rate",
    "profile",
    "version",
    "changed_on",
    "score_30d_ago",
    "parts",
)
HISTORY = pa.schema([HEALTH_HISTORY.schema.field(name) for name in HEALTH_HISTORY.columns])


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Judge every served customer at the end of `day`; run twice, the second changes nothing.

    An older day than the newest is only written to the history: what is shown stays.
    """
    classify(day=day)
    book = gather(day)
    scores = [(customer, score_of(customer, book)) for customer in book.customers]
    progress(len(scores), len(scores))
    last = _last_bands(day)
    shown = {
        customer.external_id: settled_band(
            score.band, last=_read(last.get(customer.external_id)), shown=_shown(last, customer)
        )
        for customer, score in scores
    }
    parts = {customer.pk: stored(score.parts) for customer, score in scores}
    _keep(scores, shown, parts, day=day)
    if CurrentHealth.objects.filter(as_of__gt=day).exists():
        return {"customers": len(scores), "written": 0}
    written = _show(scores, shown, parts, last=last, day=day)
    return {"customers": len(scores), "written": written}


def score_of(customer: Served, book: Book) -> Score:
    """Judge one customer from the book of the day."""
    age = book.day - customer.started_on if customer.started_on else None
    due = customer.open_due
    due_in = due.due_on - book.day if due else None
    return judge(
        book.readings.get(customer.pk, {}),
        profile=pick_profile(matching(age=age, due_in=due_in)),
        measures=MEASURES,
        connected=frozenset(book.connected),
        as_of=book.day,
    )


Last = dict[str, tuple[Band, float | None]]
Kept = dict[int, list[dict[str, Any]]]  # the parts of each customer, as they are stored


def _last_bands(day: date) -> Last:
    """What was shown at the evaluation before: band and score by external id."""
    table = newest_before(day - timedelta(days=1), columns=["band", "score"])
    return {row["customer"]: (Band(row["band"]), row["score"]) for row in table.to_pylist()}


def _read(last: tuple[Band, float | None] | None) -> Band | None:
    """What the evaluation before said by itself, before settling."""
    if last is None:
        return None
    band, score = last
    return band if band is Band.UNKNOWN or score is None else band_of(Fraction(score))


def _shown(last: Last, customer: Served) -> Band | None:
    found = last.get(customer.external_id)
    return found[0] if found else None


def _keep(
    scores: list[tuple[Served, Score]], shown: dict[str, Band], parts: Kept, *, day: date
) -> None:
    """Append the day to the history; the same day again replaces itself."""
    columns: list[list[Any]] = [
        [day] * len(scores),
        [customer.external_id for customer, _ in scores],
        [None if score.exact is None else float(score.exact) for _, score in scores],
        [shown[customer.external_id].value for customer, _ in scores],
        [score.profile for _, score in scores],
        [score.version for _, score in scores],
        [float(score.coverage) for _, score in scores],
        [json.dumps(parts[customer.pk], ensure_ascii=False) for customer, _ in scores],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, HISTORY, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=HISTORY)
    store = open_store()
    kept = store.health(from_on=day, to_on=day, columns=HISTORY.names)
    order = [("customer", "ascending")]
    same = kept.num_rows == table.num_rows and table.sort_by(order).equals(
        kept.cast(HISTORY).sort_by(order)
    )
    if table.num_rows and not same:
        store.append_health(table)


def _show(
    scores: list[tuple[Served, Score]],
    shown: dict[str, Band],
    parts: Kept,
    *,
    last: Last,
    day: date,
) -> int:
    """Bring CurrentHealth to this day; only rows that differ are written."""
    month_ago = newest_before(day - timedelta(days=MONTH_DAYS), columns=["score"])
    earlier = {row["customer"]: row["score"] for row in month_ago.to_pylist()}
    since = dict(CurrentHealth.objects.values_list("pk", "changed_on"))
    # Only the same day again can find rows that need no writing.
    again = CurrentHealth.objects.filter(as_of=day).values_list("pk", *SHOWN)
    known = {row[0]: row[1:] for row in again}
    changed = []
    for customer, score in scores:
        band = shown[customer.external_id]
        same = _shown(last, customer) == band
        row = _row(
            score,
            band,
            parts[customer.pk],
            day=day,
            changed_on=since.get(customer.pk, day) if same else day,
            score_30d_ago=earlier.get(customer.external_id),
        )
        if known.get(customer.pk) != tuple(row[name] for name in SHOWN):
            changed.append(CurrentHealth(customer_id=customer.pk, **row))
    with transaction.atomic():
        gone = since.keys() - {customer.pk for customer, _ in scores}
        CurrentHealth.objects.filter(pk__in=gone).delete()
        CurrentHealth.objects.bulk_create(
            changed,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["customer"],
            update_fields=list(SHOWN),
        )
    return len(changed)


def _row(
    score: Score,
    band: Band,
    parts: list[dict[str, Any]],
    *,
    day: date,
    changed_on: date,
    score_30d_ago: float | None,
) -> dict[str, Any]:
    return {
        "as_of": day,
        "score": None if score.exact is None else round_half_up(score.exact, places=3),
        "band": band.value,
        "read_band": score.band.value,
        "coverage_rate": float(score.coverage),
        "profile": score.profile,
        "version": score.version,
        "changed_on": changed_on,
        "score_30d_ago": None
        if score_30d_ago is None
        else round_half_up(Fraction(score_30d_ago), places=3),
        "parts": parts,
    }
