"""The day's health: judge everybody, keep the history, show the newest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection, transaction

from perennial.events.store import HEALTH_HISTORY, open_store
from perennial.health.classes.jobs import classify
from perennial.health.inputs.cases import Cases, Ints, day_cases
from perennial.health.inputs.reading import readings_of
from perennial.health.inputs.scene import Scene
from perennial.health.judging import BANDS, Scores, judge_all
from perennial.health.models import CurrentHealth
from perennial.health.queries.history import newest_before
from perennial.health.queries.overrides import overrides_on
from perennial.health.queries.profiles import profile_of, profiles_in_force
from perennial.health.queries.scorecard import MONTH_DAYS
from perennial.health.record import texts_of
from perennial.health.risk import jobs as risk
from perennial.health.rules import Band, band_of, settled_band
from perennial.health.rules.definition import Profile
from perennial.units.money import round_half_up
from perennial.units.progress import Progress, silent

PLAIN = (  # fields of CurrentHealth beside the record
    "as_of",
    "score",
    "band",
    "read_band",
    "coverage_rate",
    "profile",
    "version",
    "changed_on",
    "score_30d_ago",
)
HISTORY = pa.schema([HEALTH_HISTORY.schema.field(name) for name in HEALTH_HISTORY.columns])


@dataclass(frozen=True, slots=True)
class Day:
    """Everybody judged on one day, a row per case. `settled` is the computed colour after two
    evaluations, `band` the one that is shown: a person's score has its own at once."""

    day: date
    scene: Scene
    scores: Scores
    settled: list[Band]
    band: list[Band]
    records: list[str]

    @property
    def customers(self) -> Sequence[str]:
        return self.scores.cases.external_id


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Judge every served customer at the end of `day`; run twice, the second changes nothing.

    An older day than the newest is only written to the history: what is shown stays.
    """
    classify(day=day)
    last = _last(day)
    judged = _judge(day, last)
    progress(len(judged.band), len(judged.band))
    _keep(judged)
    risk.fill(day=day, scene=judged.scene)
    if CurrentHealth.objects.filter(as_of__gt=day).exists():
        return {"customers": len(judged.band), "written": 0}
    return {"customers": len(judged.band), "written": _show(judged, last)}


def profiles_on(day: date) -> list[Profile]:
    """What judges a day: the versions in force now; a day that was judged before keeps the
    versions that it was judged by, so that an import never changes the definition of its past."""
    table = open_store().health(from_on=day, to_on=day, columns=["profile", "version"])
    versions = dict(zip(table["profile"].to_pylist(), table["version"].to_pylist(), strict=True))
    kept = {name: profile_of(name, version) for name, version in versions.items() if name}
    now = {profile.name: profile for profile in profiles_in_force()}
    return list({**now, **{name: it for name, it in kept.items() if it}}.values())


def _judge(day: date, last: Mapping[str, _Last]) -> Day:
    scene = Scene(cases := day_cases(day))
    profiles = profiles_on(day)
    sources = sorted({item.source for profile in profiles for item in profile.items})
    readings = readings_of(scene, sources)
    scores = judge_all(readings, profiles, overrides=_overrides(cases, day))
    reads = [BANDS[code] for code in scores.band.tolist()]
    settled = [
        settled_band(
            now,
            last=before.read_band if before else None,
            shown=before.settled if before else None,
            hard=hard,
        )
        for now, before, hard in zip(
            reads, map(last.get, cases.external_id), scores.hard.tolist(), strict=True
        )
    ]
    shown = [
        band if score < 0 else _override_band(scores, case, score)
        for case, (band, score) in enumerate(zip(settled, scores.override.tolist(), strict=True))
    ]
    return Day(day, scene, scores, settled, shown, texts_of(scores, readings))


def _overrides(cases: Cases, day: date) -> Ints:
    """A person's score per case, −1 for none."""
    found = np.full(len(cases), -1, "int64")
    place = {pk: case for case, pk in enumerate(cases.customer.tolist())}
    for pk, override in overrides_on(day).items():
        if pk in place:
            found[place[pk]] = override.score
    return found


def _override_band(scores: Scores, case: int, score: int) -> Band:
    place = int(scores.profile[case])
    return (
        band_of(Fraction(score), scores.profiles[place].bands)
        if place >= 0
        else band_of(Fraction(score))
    )


@dataclass(frozen=True, slots=True)
class _Last:
    """The evaluation before: the colour that was shown, the computed one beneath, and what the
    evaluation said by itself."""

    band: Band
    settled: Band
    read_band: Band


def _last(day: date) -> dict[str, _Last]:
    columns = ["band", "score", "computed_band", "read_band"]
    table = newest_before(day - timedelta(days=1), columns=columns)
    rows = zip(*(table[name].to_pylist() for name in ("customer", *columns)), strict=True)
    return {
        customer: _Last(Band(band), Band(settled or band), Band(read or _read(band, score)))
        for customer, band, score, settled, read in rows
    }


def _read(band: str, score: float | None) -> Band:
    """Rows of the first versions did not keep what the evaluation said by itself."""
    return Band(band) if score is None or band == Band.UNKNOWN else band_of(Fraction(score))


def _keep(judged: Day) -> None:
    """Append the day to the history; the same day again changes nothing when it says the same."""
    scores, size = judged.scores, len(judged.band)
    if not size:
        return
    names = ["" if place < 0 else scores.profiles[place].name for place in scores.profile]
    versions = [0 if place < 0 else scores.profiles[place].version for place in scores.profile]
    columns: list[Any] = [
        [judged.day] * size,
        judged.customers,
        _known(scores.shown),
        [band.value for band in judged.band],
        names,
        versions,
        scores.coverage_rate,
        judged.records,
        _known(scores.score),
        [band.value for band in judged.settled],
        [BANDS[code].value for code in scores.band.tolist()],
        pa.array(scores.override, pa.int64(), mask=scores.override < 0),
        [None] * size,
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, HISTORY, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=HISTORY)
    store = open_store()
    kept = store.health(from_on=judged.day, to_on=judged.day, columns=HISTORY.names)
    order = [("customer", "ascending")]
    same = kept.num_rows == size and table.sort_by(order).equals(kept.cast(HISTORY).sort_by(order))
    if not same:
        store.append_health(table)


def _known(scores: Any) -> pa.Array:
    """Floats with null for nan."""
    return pa.array(scores, pa.float64(), mask=np.isnan(scores))


def _show(judged: Day, last: Mapping[str, _Last]) -> int:
    """Bring CurrentHealth to this day; only rows that differ are written."""
    ago = newest_before(judged.day - timedelta(days=MONTH_DAYS), columns=["score"])
    month = dict(zip(ago["customer"].to_pylist(), ago["score"].to_pylist(), strict=True))
    since = dict(CurrentHealth.objects.values_list("pk", "changed_on"))
    # Only the same day again can find rows that need no writing.
    again = CurrentHealth.objects.filter(as_of=judged.day).values_list("pk", *PLAIN, "parts")
    known = {row[0]: row[1:] for row in again}
    rates = judged.scores.coverage_rate.tolist()
    changed = []
    ids = judged.scores.cases.customer.tolist()
    each = zip(ids, judged.customers, judged.records, strict=True)
    for case, (pk, name, record) in enumerate(each):
        before = last.get(name)
        same = before is not None and before.band == judged.band[case]
        changed_on = since.get(pk, judged.day) if same else judged.day
        row = _row(judged, case, changed_on=changed_on, score_30d_ago=month.get(name))
        row["coverage_rate"] = rates[case]
        stands = known.get(pk)
        if stands is None or stands != (*(row[name] for name in PLAIN), json.loads(record)):
            changed.append((pk, *(row[name] for name in PLAIN), record))
    with transaction.atomic():
        CurrentHealth.objects.filter(pk__in=since.keys() - set(ids)).delete()
        _write(changed)
    return len(changed)


def _write(rows: Sequence[tuple[Any, ...]]) -> None:
    """Upsert rows of customer, PLAIN and the record. That stands as JSON already: reading and
    writing it once more for every customer took longer than all the rest."""
    fields: list[Any] = [CurrentHealth._meta.get_field(it) for it in ("customer", *PLAIN)]
    names = [field.column for field in fields] + ["parts"]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    sql = (
        f"INSERT INTO {CurrentHealth._meta.db_table} ({', '.join(names)}) "  # noqa: S608 - ours
        f"VALUES ({', '.join(['%s'] * len(names))}) "
        f"ON CONFLICT ({names[0]}) DO UPDATE SET {updates}"
    )
    ready = [
        (*(f.get_db_prep_save(it, connection) for f, it in zip(fields, row, strict=False)), row[-1])
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, ready)


def _row(
    judged: Day, case: int, *, changed_on: date, score_30d_ago: float | None
) -> dict[str, Any]:
    scores = judged.scores
    place, override = int(scores.profile[case]), int(scores.override[case])
    profile = scores.profiles[place] if place >= 0 else None
    exact = Fraction(override) if override >= 0 else scores.exact(case)
    ago = None if score_30d_ago is None else Fraction(score_30d_ago)
    return {
        "as_of": judged.day,
        "score": None if exact is None else round_half_up(exact, places=3),
        "band": judged.band[case].value,
        "read_band": BANDS[int(scores.band[case])].value,
        "profile": profile.name if profile else "",
        "version": profile.version if profile else 0,
        "changed_on": changed_on,
        "score_30d_ago": None if ago is None else round_half_up(ago, places=3),
    }
