"""What is known of ids: the links in the store, and those that staged items bring.

Everything happens in temporary tables of the session: `reached` (all ids that aliases connect
with those asked for), `aliases` and `members` (their links).

An id's word counts once a day until it says something else. So the table of links holds but the
first of a day and the changes; when evidence comes late, the others are recalled from the events.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa
from django.conf import settings

from perennial.events.models import Source, SourceKind
from perennial.events.rules.identity import CHAIN_AT_MOST, NOBODY
from perennial.events.rules.kinds import Attribution, Kind, Relation
from perennial.events.store import Session, Store, identifier, literal

PEOPLE = ""  # the source of links that say what the people of files say
_LINK = "id, target, since_at, received_at, claimed, batch, source"


def evidence_of(session: Session, store: Store, *, staged: str) -> None:
    """Fill the table `evidence`: all that staged items say of ids, item by item.

    A server that names a user links that id to itself, once: from then on a browser's alias
    cannot take it over. `whole`: it stands in no event, so every one is kept as a link.
    """
    session.offer("nobody", pa.table({"id": pa.array(sorted(NOBODY), pa.string())}))
    items = identifier(staged)
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE evidence AS
        SELECT *, {_day("since_at")} AS since_on FROM (
            SELECT '{Relation.ALIAS}' AS relation, source, ts AS since_at, received_at, claimed,
                CASE kind WHEN '{Kind.ALIAS}' THEN previous_id ELSE anonymous_id END AS id,
                user_id AS target, kind = '{Kind.ALIAS}' AS whole
            FROM {items} WHERE kind IN ('{Kind.ALIAS}', '{Kind.IDENTIFY}')
                AND user_id <> CASE kind WHEN '{Kind.ALIAS}' THEN previous_id ELSE anonymous_id END
            UNION ALL BY NAME
            SELECT '{Relation.ALIAS}' AS relation, min(source) AS source, min(ts) AS since_at,
                min(received_at) AS received_at, false AS claimed, user_id AS id,
                user_id AS target, false AS whole
            FROM {items} WHERE NOT claimed GROUP BY user_id
            UNION ALL BY NAME
            SELECT '{Relation.MEMBER}' AS relation, source, ts AS since_at, received_at, claimed,
                coalesce(user_id, anonymous_id) AS id, group_id AS target, false AS whole
            FROM {items}
        ) WHERE target <> '' AND lower(id) NOT IN (FROM nobody)
            AND (relation = '{Relation.MEMBER}' OR lower(target) NOT IN (FROM nobody))""")
    _compare(session, store)
    _recall(session, store)


def _compare(session: Session, store: Store) -> None:
    """Fill `earlier`: links of the same ids around the same days; and `mixed`: the days of ids on
    which they say otherwise than the evidence."""
    session.run("""
        CREATE OR REPLACE TEMP TABLE span AS
        SELECT min(since_at) - INTERVAL 26 HOURS AS first_at,
            max(since_at) + INTERVAL 26 HOURS AS last_at FROM evidence""")
    # Only their days matter; that an id is itself is known for ever.
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE earlier AS
        SELECT *, {_day("since_at")} AS since_on FROM (
            SELECT relation, id, target, since_at, received_at, claimed
            FROM ({store.snapshot("links").sql()}), span
            WHERE source <> '{PEOPLE}' AND (since_at BETWEEN first_at AND last_at
                OR (relation = '{Relation.ALIAS}' AND id = target)))
        SEMI JOIN evidence USING (relation, id)""")
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE mixed AS
        SELECT DISTINCT relation, id, claimed, since_on FROM evidence
        JOIN earlier USING (relation, id, claimed, since_on)
        WHERE evidence.target <> earlier.target
            AND (relation = '{Relation.MEMBER}' OR evidence.id <> evidence.target)""")


def _recall(session: Session, store: Store) -> None:
    """Add to `evidence` what the events of `mixed` days say: another target came in between."""
    days: list[date] = [day for (day,) in session.rows("SELECT DISTINCT since_on FROM mixed")]
    if not days:
        return
    browsers = Source.objects.filter(kind=SourceKind.BROWSER).values_list("name", flat=True)
    session.offer("browsers", pa.table({"source": pa.array(browsers, pa.string())}))
    events = store.snapshot("events")
    files = tuple(
        file for file in events.files if any(file.first_on <= day <= file.last_on for day in days)
    )
    columns = f"source, ts AS since_at, received_at, {_day('ts')} AS since_on, false AS whole"
    session.run(f"""
        INSERT INTO evidence BY NAME SELECT told.* FROM (
            SELECT *, source IN (FROM browsers) AS claimed FROM (
                SELECT '{Relation.MEMBER}' AS relation, {columns},
                    coalesce(given_id, person) AS id, customer AS target
                FROM ({events.sql(files)})
                WHERE attribution = '{Attribution.EXPLICIT}' AND replaced_on IS NULL
                UNION ALL BY NAME
                SELECT '{Relation.ALIAS}' AS relation, {columns},
                    anonymous_id AS id, coalesce(given_id, person) AS target
                FROM ({events.sql(files)})
                WHERE kind = '{Kind.IDENTIFY}' AND replaced_on IS NULL
                    AND anonymous_id <> coalesce(given_id, person))
        ) AS told SEMI JOIN mixed USING (relation, id, claimed, since_on)""")


def _day(moment: str) -> str:
    return f"timezone({literal(str(settings.PERENNIAL_TIME_ZONE))}, {moment})::DATE"


def connect(
    session: Session, store: Store, *, ids: str, staged: bool = True, both_ways: bool = True
) -> None:
    """Fill `reached` and `aliases` from a SELECT of ids: all links that lead from and to them.

    `staged`: what `evidence` holds counts as known. Not `both_ways`: only links that lead from
    them, which tell who they are, but not where all that they are worked.
    """
    offer_links(session, store, staged=staged)
    session.run(f"CREATE OR REPLACE TEMP TABLE reached AS SELECT DISTINCT id FROM ({ids})")
    session.run("CREATE OR REPLACE TEMP TABLE frontier AS FROM reached")
    session.run(f"CREATE OR REPLACE TEMP TABLE aliases AS SELECT {_LINK} FROM stored_links LIMIT 0")
    to_them = "UNION FROM stored_aliases SEMI JOIN frontier ON target = frontier.id"
    for _ in range(CHAIN_AT_MOST):
        session.run(f"""
            INSERT INTO aliases FROM (
                FROM stored_aliases SEMI JOIN frontier USING (id) {to_them if both_ways else ""}
            ) ANTI JOIN aliases USING (id, target, since_at, received_at, claimed)""")
        session.run("""
            CREATE OR REPLACE TEMP TABLE frontier AS
            SELECT DISTINCT id FROM (SELECT id FROM aliases UNION ALL SELECT target FROM aliases)
            ANTI JOIN reached USING (id)""")
        [(more,)] = session.rows("SELECT count(*) FROM frontier")
        if not more:
            return
        session.run("INSERT INTO reached FROM frontier")


def offer_links(session: Session, store: Store, *, staged: bool) -> None:
    """Views of the links of the store, with those of `evidence` when they are staged."""
    session.run(f"CREATE OR REPLACE TEMP VIEW stored_links AS {store.snapshot('links').sql()}")
    for name, relation in (("aliases", Relation.ALIAS), ("members", Relation.MEMBER)):
        fresh = f"""UNION ALL SELECT id, target, since_at, received_at, claimed,
            NULL::BIGINT AS batch, source FROM evidence WHERE relation = '{relation}'"""
        session.run(f"""
            CREATE OR REPLACE TEMP VIEW stored_{name} AS
            SELECT {_LINK} FROM stored_links WHERE relation = '{relation}'
            {fresh if staged else ""}""")


def gather_members(session: Session) -> None:
    """Fill `members` with where the ids in `reached` worked; repetitions of a day left out.

    `displaces`: because of this link a later one of the day is a repetition.
    """
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE members AS SELECT * EXCLUDE before FROM (
            SELECT *, lag(target) OVER line AS before,
                lead(target) OVER line IS NOT NULL AS displaces
            FROM stored_members SEMI JOIN reached USING (id)
            WINDOW line AS (
                PARTITION BY id, claimed, source = '{PEOPLE}', {_day("since_at")}
                ORDER BY since_at, received_at, target, batch))
        WHERE before IS NULL OR before <> target""")


def bound_members(session: Session) -> None:
    """Leave out of `stored_members` what cannot matter at the moments in `asked`.

    An id's last link before the first moment counts (with its day), the first if there is none,
    and those between; so a long history costs one look at it.
    """
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE worked AS
        SELECT {_LINK}, first_moment, last_moment FROM stored_members SEMI JOIN reached USING (id),
            (SELECT min(moment) AS first_moment, max(moment) AS last_moment FROM asked)""")
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE edges AS
        SELECT id, claimed, source = '{PEOPLE}' AS is_filed, min(since_at) AS first_at,
            max(since_at) FILTER (since_at <= first_moment) AS before_at
        FROM worked GROUP BY ALL""")
    session.run(f"""
        CREATE OR REPLACE TEMP VIEW stored_members AS
        SELECT {", ".join("worked." + name for name in _LINK.split(", "))}
        FROM worked JOIN edges ON worked.id = edges.id AND worked.claimed = edges.claimed
            AND (source = '{PEOPLE}') = is_filed
        WHERE since_at <= greatest(last_moment, first_at)
            AND (before_at IS NULL OR since_at >= before_at - INTERVAL 26 HOURS)""")
