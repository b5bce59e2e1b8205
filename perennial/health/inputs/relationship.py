"""Contact with the customer, its key people, and which of them left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from perennial.customers.models import Grade, Person, Touch
from perennial.health.inputs.cases import Column, Days, Flags, column
from perennial.health.inputs.scene import Scene, days_between

_LAST: Final = """
    SELECT "case", max(happened_on) AS any_on,
        max(happened_on) FILTER (person__grade = 'S') AS key_on
    FROM cases JOIN touches USING (customer_id)
    WHERE happened_on <= as_of AND recorded_on <= known_on GROUP BY "case" """
_VAGUE: Final = np.datetime64("0001-01-01", "D")
# Where one of them came nobody knows when, the customer's own start counts.
_KEY: Final = """
    SELECT "case", count(*) FILTER (is_here) AS people,
        min(coalesce(from_on, DATE '0001-01-01')) FILTER (is_here) AS since_on,
        count(*) FILTER (to_on > as_of - 90 AND to_on <= as_of) AS gone
    FROM (
        SELECT *, (from_on IS NULL OR from_on <= as_of) AND (to_on IS NULL OR to_on > as_of)
            AS is_here
        FROM cases JOIN people USING (customer_id) WHERE recorded_on <= known_on
    ) GROUP BY "case" """


def touches(scene: Scene) -> pa.Table:
    return scene.facts(Touch.objects.all(), "happened_at", "person__grade")


def last_touches(scene: Scene) -> pa.Table:
    return scene.ask(_LAST, touches=scene.once(touches))


def key_people(scene: Scene) -> pa.Table:
    """Everybody of grade S, also those who left."""
    people = Person.objects.filter(grade=Grade.S)
    return scene.facts(people, "from_on", "to_on", "external_id")


def key_counts(scene: Scene) -> pa.Table:
    return scene.ask(_KEY, people=scene.once(key_people))


def any_touch(scene: Scene) -> Column:
    """Days without contact: since the last one, or since the customer came."""
    last = scene.placed_days(scene.once(last_touches), "any_on")
    return _gap(scene, last, since_on=scene.contracts.started_on)


def key_contact(scene: Scene) -> Column:
    """Days since anybody of grade S was reached, or since there was one; of whoever has some."""
    counts = scene.once(key_counts)
    since = scene.placed_days(counts, "since_on")
    since = np.where(since == _VAGUE, scene.contracts.started_on, since)
    found = _gap(scene, scene.placed_days(scene.once(last_touches), "key_on"), since_on=since)
    has_some = scene.placed(counts, "people", absent=0.0) > 0
    return column(
        np.where(has_some, found.value, np.nan),
        connected=found.connected & _on_record(scene),
        params=found.params,
    )


def key_people_left(scene: Scene) -> Column:
    """Grade S people who left in 90 days; of customers that have, or had, any."""
    counts = scene.once(key_counts)
    here = scene.placed(counts, "people", absent=0.0)
    gone = scene.placed(counts, "gone", absent=0.0)
    value = np.where(here + gone > 0, gone, np.nan)
    return column(value, connected=_on_record(scene), params={"count": gone, "people": here})


def _gap(scene: Scene, touched_on: Days, *, since_on: Days) -> Column:
    since = np.where(np.isnat(touched_on), since_on, touched_on)
    days = np.maximum(days_between(scene.cases.as_of, since), 0)
    talks = scene.since_first(scene.once(touches), "happened_on")
    return column(days, connected=talks, params={"days": days})


def _on_record(scene: Scene) -> Flags:
    """Whether anybody of grade S was on record by the case's day."""
    people = scene.once(key_people)
    if not scene.cases.known or not people.num_rows:
        return np.full(scene.size, people.num_rows > 0)
    recorded = people.column("recorded_on").to_numpy().astype("datetime64[D]")
    found: Flags = scene.cases.as_of >= recorded.min()
    return found


READERS: Mapping[str, Callable[[Scene], Column]] = {
    "any_touch": any_touch,
    "key_contact": key_contact,
    "key_people_left": key_people_left,
}
