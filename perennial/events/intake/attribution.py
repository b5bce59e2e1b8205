"""Every staged item finds its person, and its customer in the order of rules.kinds.Attribution."""

from __future__ import annotations

from django.conf import settings

from perennial.events.intake.evidence import (
    bound_members,
    connect,
    evidence_of,
    gather_members,
)
from perennial.events.intake.placing import place
from perennial.events.rules.kinds import Attribution
from perennial.events.store import Session, Store, identifier, literal

_WITHOUT_GROUP = "coalesce(group_id, context_group_id) IS NULL"


def attribute(session: Session, store: Store, *, staged: str, is_gathered: bool = False) -> str:
    """Attribute the rows of a staged table (duplicates left out) by all links known by now.

    Returns the name of a temporary table: the columns of the events table (batch, known_on and
    replaced_on null), with position, claimed, traits and user_id beside them. What becomes known
    later is the business of `later`. `is_gathered`: `links_of` looked at the same rows in this
    session just before.
    """
    items = identifier(staged)
    if not is_gathered:
        evidence_of(session, store, staged=staged)
    [(waiting,)] = session.rows(f"SELECT count(*) FROM {items} WHERE {_WITHOUT_GROUP}")
    ids = f"SELECT coalesce(user_id, anonymous_id) AS id FROM {items}"
    connect(session, store, ids=ids, both_ways=waiting > 0)
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE asked AS
        SELECT DISTINCT coalesce(user_id, anonymous_id) AS id, ts AS moment FROM {items}
        WHERE coalesce(user_id, anonymous_id) IS NOT NULL
            AND ({_WITHOUT_GROUP} OR coalesce(user_id, anonymous_id) IN
                (SELECT id FROM aliases WHERE id <> target))""")
    if waiting:
        bound_members(session)
    else:
        session.run("DELETE FROM reached")
    gather_members(session)
    place(session)
    session.run(f"CREATE OR REPLACE TEMP TABLE attributed AS {_attributed(items)}")
    return "attributed"


def _attributed(items: str) -> str:
    zone = literal(str(settings.PERENNIAL_TIME_ZONE))
    return f"""
        SELECT timezone({zone}, items.ts)::DATE AS day,
            coalesce(group_id, context_group_id, placed.customer) AS customer,
            coalesce(placed.person, user_id, anonymous_id) AS person,
            event, product, ts, received_at, timezone({zone}, received_at)::DATE AS received_on,
            coalesce(value, 1) AS value, NULL::VARCHAR AS order_id, message_id, source,
            NULL::BIGINT AS batch, properties, false AS assumed, kind, anonymous_id,
            CASE WHEN placed.person <> coalesce(user_id, anonymous_id)
                THEN coalesce(user_id, anonymous_id) END AS given_id,
            original_at, sent_at, clock,
            CASE WHEN group_id IS NOT NULL THEN '{Attribution.EXPLICIT}'
                WHEN context_group_id IS NOT NULL THEN '{Attribution.CONTEXT}'
                WHEN placed.customer IS NOT NULL THEN '{Attribution.MEMBERSHIP}'
                ELSE '{Attribution.NONE}' END AS attribution,
            bot, NULL::DATE AS known_on, NULL::DATE AS replaced_on,
            position, claimed, traits, user_id
        FROM {items} AS items
        LEFT JOIN placed
            ON placed.id = coalesce(user_id, anonymous_id) AND placed.moment = items.ts"""
