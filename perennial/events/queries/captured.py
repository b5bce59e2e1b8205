"""What autocapture saw: elements and pages with their use, and what a rule would count.

Figures are of customers that the gate lets through; who sees all customers also sees what
belongs to none yet. Bots are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import pyarrow as pa

from perennial.customers.queries import visible_customers
from perennial.events.models import FEATURES_AT_MOST
from perennial.events.queries.feature_rules import mask_sql
from perennial.events.queries.stored import under_survivors
from perennial.events.rules.features import CAPTURED, PARTS, VIEW, FeatureRule
from perennial.events.store import Session, literal, open_store
from perennial.team.access import Scope, scope
from perennial.team.models import User

SEEN_DAYS: Final = 28
PREVIEW_DAYS: Final = 90
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """An element or a page. `text` and `url` are those of its last use; `pages` how many
    addresses it was used on."""

    event: str
    selector: str | None
    text: str | None
    url: str | None
    pages: int
    uses: int
    people: int
    customers: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have counted in the days [first_on, last_on]."""

    uses: int
    people: int
    customers: int
    first_on: date
    last_on: date
    per_day: Sequence[int]
    examples: Sequence[tuple[str | None, str | None, int]]  # selector, address, uses


@dataclass(frozen=True, slots=True)
class Use:
    """How much a feature was used, from daily activity."""

    people: int
    customers: int
    last_on: date


def seen(
    user: User, *, last_on: date, event: str = "", search: str = "", limit: int = SHOWN
) -> list[Seen]:
    """Elements and pages of the last 28 days, the most used first."""
    events = (event,) if event in CAPTURED else CAPTURED
    with _captured(user, last_on=last_on, days=SEEN_DAYS, events=events) as session:
        found = session.table(
            "SELECT event, selector, arg_max(text, ts) AS text, arg_max(short, ts) AS url, "
            "count(DISTINCT short) AS pages, count(*) AS uses, count(DISTINCT person) AS people, "
            "count(DISTINCT customer) AS customers, max(ts) AS last_at FROM captured "
            "WHERE $1 = '' OR contains(lower(concat_ws(' ', selector, text, short)), lower($1)) "
            f"GROUP BY event, selector, CASE WHEN event = {literal(VIEW)} THEN short END "
            "ORDER BY uses DESC, event, selector, url LIMIT $2",
            [search.strip(), limit],
        )
    return [Seen(**row) for row in found.to_pylist()]


def preview(user: User, rule: FeatureRule, *, last_on: date) -> Preview:
    """The last 90 days under a rule."""
    first_on = last_on - timedelta(days=PREVIEW_DAYS - 1)
    events = (rule.event,) if rule.event else CAPTURED
    fits = f"{mask_sql([(0, rule)])} <> 0"
    with _captured(user, last_on=last_on, days=PREVIEW_DAYS, events=events, where=fits) as session:
        ((uses, people, customers),) = session.rows(
            "SELECT count(*), count(DISTINCT person), count(DISTINCT customer) FROM captured"
        )
        by_day = dict(session.rows("SELECT day, count(*) FROM captured GROUP BY day"))
        examples = session.rows(
            "SELECT selector, short, count(*) FROM captured "
            "GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT 5"
        )
    days = [first_on + timedelta(days=n) for n in range(PREVIEW_DAYS)]
    per_day = [by_day.get(day, 0) for day in days]
    return Preview(uses, people, customers, first_on, last_on, per_day, examples)


def use_of_features(user: User, *, last_on: date) -> dict[int, Use]:
    """Who used each tracked feature in the last 28 days, by its bit."""
    first_on = last_on - timedelta(days=SEEN_DAYS - 1)
    with open_store().reading("activity", first_on=first_on, last_on=last_on) as session:
        rows = session.rows(
            "SELECT bit, count(DISTINCT person), count(DISTINCT customer), max(day) "
            f"FROM {under_survivors(session, 'activity')} "
            f"JOIN range({FEATURES_AT_MOST}) bits(bit) "
            "ON features & (1::BIGINT << bit::INT) <> 0 "
            f"WHERE bot IS NOT TRUE AND {_visible(user, session)} GROUP BY bit"
        )
    return {bit: Use(*figures) for bit, *figures in rows}


@contextmanager
def _captured(
    user: User, *, last_on: date, days: int, events: Sequence[str], where: str = "true"
) -> Iterator[Session]:
    """A session with the table `captured`: what was captured in these days, for this user."""
    first_on = last_on - timedelta(days=days - 1)
    named = ", ".join(literal(event) for event in events)
    with open_store().reading("events", first_on=first_on, last_on=last_on) as session:
        session.run(
            "CREATE OR REPLACE TEMP TABLE captured AS SELECT day, ts, event, person, customer, "
            "json_extract_string(properties, '$.selector') AS selector, "
            "json_extract_string(properties, '$.text') AS text, "
            f"regexp_extract(json_extract_string(properties, '$.url'), '{PARTS['short']}', 1) "
            f"AS short FROM {under_survivors(session, 'events')} WHERE event IN ({named}) "
            f"AND bot IS NOT TRUE AND {_visible(user, session)} AND {where}"
        )
        yield session


def _visible(user: User, session: Session) -> str:
    if scope(user).scope == Scope.ALL:
        return "true"
    ids = visible_customers(user).values_list("external_id", flat=True)
    session.offer("visible", pa.table({"customer": pa.array(ids, pa.string())}))
    return "customer IN (SELECT customer FROM visible)"
