"""The people of files as links: memberships that have dates, in one day of the table of links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import groupby

import pyarrow as pa
from django.conf import settings
from django.db.models import Count, Max, Sum

from perennial.customers.models import Person
from perennial.events.intake.evidence import PEOPLE
from perennial.events.rules.identity import LEFT, changes
from perennial.events.rules.kinds import Relation
from perennial.events.store import LINKS, Session, Store

_DAY = date(1970, 1, 1)  # a partition of their own
_EVER = datetime(1900, 1, 1, tzinfo=UTC)
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
_SCHEMA = pa.schema([LINKS.schema.field(name) for name in ("id", "target", "since_at")])


def mark() -> list[int]:
    """Tells whether people changed since it was last asked."""
    found = Person.objects.aggregate(n=Count("pk"), last=Max("pk"), versions=Sum("version"))
    return [found["n"], found["last"] or 0, found["versions"] or 0]


def remember_people(session: Session, store: Store) -> None:
    """Bring the links of the people of files up to the database, under `store.writing()`.

    Everybody whose memberships changed becomes known anew, who has none any more by a link that
    never holds.
    """
    links = store.snapshot("links")
    session.offer("people", pa.Table.from_pylist(list(_rows()), _SCHEMA))
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE remembered AS FROM ({links.sql(links.between(_DAY, _DAY))})
        WHERE source = '{PEOPLE}'""")
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE corrected AS SELECT DISTINCT id FROM (
            (SELECT id, target, since_at FROM people
                EXCEPT SELECT id, target, since_at FROM remembered)
            UNION ALL (SELECT id, target, since_at FROM remembered
                WHERE since_at < '{_NEVER}'::TIMESTAMPTZ
                EXCEPT SELECT id, target, since_at FROM people))""")
    [(corrected,)] = session.rows("SELECT count(*) FROM corrected")
    if not corrected:
        return
    change, batch = store.change("links", session), links.version + 1
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE anew AS
        FROM remembered ANTI JOIN corrected USING (id)
        UNION ALL BY NAME
        SELECT DATE '{_DAY}' AS day, DATE '{_DAY}' AS received_on, id, target, since_at,
            '{Relation.MEMBER}' AS relation, '{PEOPLE}' AS source, since_at AS received_at,
            false AS claimed, {batch}::BIGINT AS batch
        FROM (SELECT id, coalesce(target, '{LEFT}') AS target,
                coalesce(since_at, '{_NEVER}'::TIMESTAMPTZ) AS since_at
            FROM corrected LEFT JOIN people USING (id))""")
    [(rows,)] = session.rows("SELECT count(*) FROM anew")
    store.replace_days(change, lambda first, last: "FROM anew", counts=[(_DAY, rows)])  # noqa: ARG005
    store.commit(change, days=[_DAY])


def _rows() -> Iterator[dict[str, object]]:
    people = Person.objects.order_by("external_id").values_list(
        "external_id", "customer__external_id", "from_on", "to_on"
    )
    for person, stays in groupby(people.iterator(), key=lambda row: row[0]):
        for day, customer in changes(stay[1:] for stay in stays):
            yield {"id": person, "target": customer, "since_at": _begin(day)}


def _begin(day: date | None) -> datetime:
    return _EVER if day is None else datetime.combine(day, time(), settings.PERENNIAL_TIME_ZONE)
