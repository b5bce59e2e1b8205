"""Who an id is and where that person works, at moments: events.rules.identity, set by set.

From the tables of `evidence` (aliases, members) and a table `asked` (id, moment) comes `placed`
(id, moment, person, customer); `stays` keeps where persons worked, aliases resolved.
"""

from __future__ import annotations

from perennial.events.rules.identity import CHAIN_AT_MOST, LEFT
from perennial.events.store import Session

_EVER = "'-infinity'::TIMESTAMPTZ"


def place(session: Session) -> None:
    """Fill `placed` for every row of `asked`. Customer NULL: nobody knows (yet)."""
    settle(session)
    session.run("""
        CREATE OR REPLACE TEMP TABLE placed AS
        SELECT who.id, who.moment, who.person, nullif(CASE
            WHEN trusted.customer <> '' THEN trusted.customer
            WHEN trusted.customer = '' AND claimed.moment > trusted.moment THEN claimed.customer
            WHEN trusted.customer IS NULL THEN coalesce(claimed.customer, firsts.customer)
            END, '') AS customer
        FROM (SELECT asked.id, asked.moment, coalesce(walk.person, asked.id) AS person
            FROM asked LEFT JOIN walk USING (id, moment)) AS who
        ASOF LEFT JOIN trusted ON who.person = trusted.person AND who.moment >= trusted.moment
        ASOF LEFT JOIN claimed ON who.person = claimed.person AND who.moment >= claimed.moment
        LEFT JOIN firsts ON who.person = firsts.person""")


def _name(session: Session) -> None:
    """Fill `walk` (id, moment, person, claimed): the ids that are somebody else at a moment.

    A loop of aliases is one person, the least of its ids.
    """
    # Where a server knows an id, its word alone counts; before the first link, the first holds.
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE names AS
        WITH judged AS (SELECT *, bool_or(NOT claimed) OVER (PARTITION BY id) AS known FROM aliases)
        SELECT id, target, claimed,
            CASE WHEN row_number() OVER (PARTITION BY id ORDER BY since_at) = 1
                THEN {_EVER} ELSE since_at END AS moment
        FROM (SELECT id, since_at, last(target ORDER BY received_at, target) AS target,
                bool_or(claimed) AS claimed
            FROM judged WHERE id <> target AND claimed <> known GROUP BY id, since_at)""")
    session.run("""
        CREATE OR REPLACE TEMP TABLE walk AS
        SELECT DISTINCT id, moment, id AS person, false AS claimed, [id] AS path, false AS done
        FROM (FROM asked UNION ALL SELECT id, since_at AS moment FROM members)
        SEMI JOIN names USING (id)""")
    for _ in range(CHAIN_AT_MOST):
        [(walking,)] = session.rows("SELECT count(*) FROM walk WHERE NOT done")
        if not walking:
            return
        session.run("""
            CREATE OR REPLACE TEMP TABLE walk AS
            SELECT step.id, step.moment, CASE WHEN names.target IS NULL THEN step.person
                    WHEN list_contains(path, names.target)
                    THEN list_min(path[list_position(path, names.target):])
                    ELSE names.target END AS person,
                step.claimed OR coalesce(names.claimed, false) AS claimed,
                list_append(path, names.target) AS path,
                names.target IS NULL OR list_contains(path, names.target) AS done
            FROM (FROM walk WHERE NOT done) AS step
            ASOF LEFT JOIN names ON step.person = names.id AND step.moment >= names.moment
            UNION ALL FROM walk WHERE done""")


def settle(session: Session) -> None:
    """Fill `stays`: who worked where since when; `trusted` and `claimed` have one customer for a
    person and moment, `firsts` the one for what lies before."""
    _name(session)
    session.run("""
        CREATE OR REPLACE TEMP TABLE stays AS
        SELECT coalesce(walk.person, members.id) AS person, since_at AS moment, target AS customer,
            members.claimed OR coalesce(walk.claimed, false) AS claimed, received_at, batch,
            displaces
        FROM members LEFT JOIN walk ON members.id = walk.id AND members.since_at = walk.moment""")
    for name, condition in (("trusted", "NOT claimed"), ("claimed", "claimed")):
        session.run(f"""
            CREATE OR REPLACE TEMP TABLE {name} AS
            SELECT person, moment, last(customer ORDER BY received_at, customer) AS customer
            FROM stays WHERE {condition} GROUP BY person, moment""")
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE firsts AS
        SELECT person, coalesce(
            first(customer ORDER BY moment) FILTER (NOT claimed AND customer <> '{LEFT}'),
            first(customer ORDER BY moment) FILTER (claimed)) AS customer
        FROM (SELECT *, false AS claimed FROM trusted UNION ALL SELECT *, true FROM claimed)
        GROUP BY person""")
