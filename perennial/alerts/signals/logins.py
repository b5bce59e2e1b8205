"""When given people last used the product, for all of them in one question to the store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import pyarrow as pa

from perennial.events.store import answer
from perennial.metrics.catalog.rows import Reading, activity_rows

WINDOW_DAYS = 112
OFTEN_DAYS = 6  # somebody who used it on so many days before had a habit to lose

_people = ibis.table({"person": "string"}, name="graded")


@dataclass(frozen=True, slots=True)
class Login:
    last_on: date
    days: int  # days with use in the 112 days up to the judged one


def logins(people: Collection[str], *, day: date) -> dict[str, Login]:
    """By user id; people without any use in 112 days are absent."""
    if not people:
        return {}
    from_on = day - timedelta(days=WINDOW_DAYS - 1)
    rows = activity_rows(Reading())
    rows = rows.filter(rows.day >= from_on, rows.day <= day).semi_join(_people, "person")
    seen = rows.group_by("person").agg(last_on=rows.day.max(), days=rows.day.nunique())
    offered = {"graded": pa.table({"person": pa.array(sorted(people), pa.string())})}
    found = answer(seen, first_on=from_on, last_on=day, offered=offered).to_pylist()
    return {row["person"]: Login(row["last_on"], row["days"]) for row in found}
