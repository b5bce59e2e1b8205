"""New rows of the table of links: what staged items say of ids, in as few rows as are exact."""

from __future__ import annotations

from django.conf import settings

from perennial.events.intake.evidence import evidence_of
from perennial.events.rules.kinds import Relation
from perennial.events.store import Session, Store, literal

_SELF = f"relation = '{Relation.ALIAS}' AND id = target"
_SAID = "relation, source, id, target, since_at, received_at, claimed"


def links_of(session: Session, store: Store, *, staged: str) -> str:
    """SQL of the links that staged items add to the store (all columns, without `month`).

    Call it under `store.writing()`, before or after `attribute` of the same items. Of a day, an
    id's first word is kept and every change; its link to itself is needed once, ever.
    """
    evidence_of(session, store, staged=staged)
    zone, batch = literal(str(settings.PERENNIAL_TIME_ZONE)), store.snapshot("links").version + 1
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE fresh_links AS
        SELECT DISTINCT timezone({zone}, received_at)::DATE AS day, {_SAID} FROM (
            SELECT * FROM (
                SELECT *, lag(target) OVER line AS before FROM (
                    SELECT *, false AS stored FROM evidence WHERE NOT ({_SELF})
                    UNION ALL BY NAME SELECT *, true AS stored FROM earlier WHERE NOT ({_SELF}))
                WINDOW line AS (PARTITION BY relation, id, claimed, since_on
                    ORDER BY since_at, received_at, target, stored DESC))
            WHERE NOT stored AND (before IS NULL OR before <> target OR whole)
            UNION ALL BY NAME
            SELECT * FROM evidence ANTI JOIN (FROM earlier WHERE {_SELF}) USING (relation, id)
            WHERE {_SELF})""")
    return f"SELECT day, day AS received_on, {_SAID}, {batch}::BIGINT AS batch FROM fresh_links"
