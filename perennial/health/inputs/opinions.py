"""What people of ours say about a customer, 0–10: it counts until its validity has run out.

Of each measure, and for value perception of each decision maker, the newest one counts. Past its
validity it is as good as missing; the day it was said stays to be seen.
Executives' use is counted where grade S people are known by their user ids; else it is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np

from perennial.health.inputs.cases import Column, Flags, column
from perennial.health.inputs.relationship import key_people
from perennial.health.inputs.scene import Scene
from perennial.health.inputs.sources import SOURCES
from perennial.health.models import Opinion, Said
from perennial.metrics.queries.cases import active_people

USE_DAYS: Final = 28
MOST: Final = 10.0

# Where none is valid any more, the newest ones tell what there was.
_NEWEST: Final = """
    WITH said AS (
        SELECT "case", value, said_on, as_of - said_on > {days} AS is_old,
            row_number() OVER (
                PARTITION BY "case", person_id ORDER BY said_on DESC, pk DESC
            ) AS nth
        FROM cases JOIN opinions USING (customer_id)
        WHERE said_on <= as_of AND recorded_on <= known_on
    ), newest AS (SELECT *, bool_and(is_old) OVER (PARTITION BY "case") AS all_old
        FROM said WHERE nth = 1)
    SELECT "case", min(value) AS lowest, avg(value) AS mean, count(*) AS people,
        max(said_on) AS said_on, all_old
    FROM newest WHERE NOT is_old OR all_old GROUP BY "case", all_old """
_PEOPLE: Final = """
    SELECT "case", external_id AS person FROM cases JOIN people USING (customer_id)
    WHERE recorded_on <= known_on AND external_id <> ''
        AND (from_on IS NULL OR from_on <= as_of) AND (to_on IS NULL OR to_on > as_of)
    GROUP BY ALL """


def opinion(scene: Scene, said: Said) -> Column:
    """The newest valid opinion; of several people's the lowest: one who sees no value decides."""
    rows = Opinion.objects.filter(measure=said.value)
    opinions = scene.facts(rows, "value", "said_on", "person_id", "pk")
    found = scene.ask(_NEWEST.format(days=SOURCES[said].stale_days), opinions=opinions)
    value = scene.placed(found, "lowest")
    return column(
        value,
        as_of_on=scene.placed_days(found, "said_on"),
        stale=scene.placed(found, "all_old", absent=0.0) > 0,
        connected=scene.since_first(opinions, "said_on"),
        params={
            "value": value,
            "mean": np.round(scene.placed(found, "mean"), 1),
            "people": scene.placed(found, "people", absent=0.0),
            "source": np.full(scene.size, "said", object),
        },
    )


def executive_use(scene: Scene) -> Column:
    """Ten times the share of grade S people who used the product in 28 days; what is said where
    nobody of them is known by a user id."""
    entered = opinion(scene, Said.EXECUTIVE_USE)
    wanted = scene.ask(_PEOPLE, people=scene.once(key_people))
    if not wanted.num_rows:
        return entered
    seen = active_people(scene.asking, people=wanted, days=USE_DAYS)
    case = seen.column("case").to_numpy()
    active = seen.column("active_days").to_numpy() > 0
    size = scene.size
    people = np.bincount(wanted.column("case").to_numpy(), minlength=size).astype(float)
    mapped: Flags = np.bincount(case, minlength=size) > 0
    using = np.bincount(case[active], minlength=size).astype(float)
    counted = mapped & ~scene.contracts.paused
    value = np.divide(MOST * using, people, out=np.full(size, np.nan), where=people > 0)
    reached = np.fmin(scene.used_on, scene.observed_until)
    return column(
        np.where(counted, value, entered.value),
        as_of_on=np.where(counted, reached, entered.as_of_on),
        stale=np.where(counted, scene.silent, entered.stale),
        connected=entered.connected | mapped,
        params={
            "value": np.where(counted, value, entered.value),
            "mean": np.where(counted, value, entered.params["mean"]),
            "people": np.where(counted, people, entered.params["people"]),
            "using": using,
            "source": np.where(counted, "counted", entered.params["source"]),
        },
    )


READERS: Mapping[str, Callable[[Scene], Column]] = {
    Said.EXECUTIVE_USE.value: executive_use,
    Said.PROCESS_EMBEDDING.value: partial(opinion, said=Said.PROCESS_EMBEDDING),
    Said.SENTIMENT.value: partial(opinion, said=Said.SENTIMENT),
    Said.VALUE_PERCEPTION.value: partial(opinion, said=Said.VALUE_PERCEPTION),
}
