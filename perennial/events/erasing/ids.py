"""All ids of a person: what aliases lead to them, and what their events alone were sent with."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from perennial.events.intake.evidence import connect, gather_members
from perennial.events.intake.placing import place
from perennial.events.store import Session, Store

_IDS = pa.schema([("id", pa.string())])


def ids_of(store: Store, external_id: str) -> set[str]:
    """The ids of the person that an id means today, this one among them.

    An anonymous id that other people's events carry too (a shared computer) is not theirs alone
    and stays.
    """
    with store.session() as session:
        session.offer("wanted", pa.table({"id": [external_id]}, _IDS))
        connect(session, store, ids="FROM wanted", staged=False)
        gather_members(session)
        session.run("CREATE OR REPLACE TEMP TABLE asked (id VARCHAR, moment TIMESTAMPTZ)")
        now = datetime.now(UTC).isoformat()
        session.run("INSERT INTO asked SELECT id, $1::TIMESTAMPTZ FROM wanted", [now])
        place(session)
        [(person,)] = session.rows("SELECT person FROM placed")
        named = {external_id, person}
        aliases = _leading_to(session, named)
        theirs, shared = _sent_with(session, store, aliases)
        return named | ((aliases | theirs) - shared)


def _leading_to(session: Session, ids: set[str]) -> set[str]:
    """These ids and those that aliases make one of them, and of nobody else."""
    links = session.rows("SELECT DISTINCT id, target FROM names")
    found, before = set(ids), set[str]()
    while found != before:
        before = set(found)
        found |= {one for one, target in links if target in before}
    return found - {one for one, target in links if target not in found}


def _sent_with(session: Session, store: Store, ids: set[str]) -> tuple[set[str], set[str]]:
    """The anonymous ids of a person's events: theirs alone, and shared with others."""
    session.offer("theirs", pa.table({"id": sorted(ids)}, _IDS))
    events = f"({store.snapshot('events').sql()})"
    rows = session.rows(f"""
        SELECT anonymous_id, bool_and(person = anonymous_id OR person IN (FROM theirs))
        FROM {events} WHERE anonymous_id IN (FROM theirs) OR anonymous_id IN (
            SELECT anonymous_id FROM {events} WHERE person IN (FROM theirs))
        GROUP BY anonymous_id""")
    return {one for one, alone in rows if alone}, {one for one, alone in rows if not alone}
