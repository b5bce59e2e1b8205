"""Ids in the tables of the store become pseudonyms; figures and rows stay as they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from perennial.events.erasing.scrub import Scrub
from perennial.events.store import Change, File, Session, Store, identifier, literal, sweep

# Links last: from them an interrupted erasure could still learn the person's other ids.
ORDER: Final = ("activity", "health_history", "events", "links")
_IDS: Final = ("person", "given_id", "anonymous_id", "id", "target")
_KEPT: Final = ("customer", "source", "relation", "kind", "clock", "attribution", "band")
_PAIR: Final = pa.schema([("old", pa.string()), ("new", pa.string())])


def is_stored(store: Store, scrub: Scrub) -> bool:
    """Whether an event, link or daily figure is of one of the ids, or a property names one."""
    names = [literal(one) for one in scrub.pseudonyms]
    said = [f"contains(properties, {literal(form)})" for form in sorted(scrub.forms)]
    with store.session() as session:
        for name in ORDER:
            snapshot = store.snapshot(name)
            columns = [it for it in snapshot.table.columns if it in _IDS]
            if columns:
                tests = " OR ".join(
                    [f"{column} IN ({', '.join(names)})" for column in columns]
                    + (said if "properties" in snapshot.table.columns else [])
                )
                if session.rows(f"SELECT 1 FROM ({snapshot.sql()}) WHERE {tests} LIMIT 1"):
                    return True
    return False


def pseudonymise(store: Store, scrub: Scrub) -> Iterator[tuple[str, int]]:
    """Write every file anew that names an id; how many rows did, table by table. Safe to repeat.

    Takes the writers' lock. At last older versions are deleted, so that a reader that is at it
    now may have to begin again.
    """
    for name in ORDER:
        with store.writing():
            rows = _table(store, name, scrub)
        yield name, rows
    sweep(store, keep_hours=0)


def _table(store: Store, name: str, scrub: Scrub) -> int:
    rows = 0
    with store.session() as session:
        pairs = {"old": list(scrub.pseudonyms), "new": list(scrub.pseudonyms.values())}
        session.offer("pseudonyms", pa.table(pairs, _PAIR))
        snapshot, change = store.snapshot(name), store.change(name, session)
        with change.discarded_on_error():
            for file in snapshot.files:
                rows += _file(change, session, snapshot.sql((file,)), file, scrub)
        if rows:
            store.commit(change, days=())  # the same figures: nobody need look again
    return rows


def _file(change: Change, session: Session, rows: str, file: File, scrub: Scrub) -> int:
    """Write a file anew if it names an id; how many of its rows do."""
    fields = change.table.schema
    texts = [name for name in change.table.columns if fields.field(name).type == pa.string()]
    ids = [name for name in texts if name in _IDS]
    others = [name for name in texts if name not in (*_IDS, *_KEPT)]
    session.offer("rewritten", pa.table(_rewritten(session, rows, others, scrub), _PAIR))
    replaced = dict.fromkeys(ids, "pseudonyms") | dict.fromkeys(others, "rewritten")
    if not replaced:
        return 0
    tests = " OR ".join(
        f"{identifier(name)} IN (SELECT old FROM {table})" for name, table in replaced.items()
    )
    [(named,)] = session.rows(f"SELECT count(*) FROM ({rows}) WHERE {tests}")
    if named:
        columns = ", ".join(
            f"coalesce((SELECT new FROM {table} WHERE old = stored.{identifier(name)}), "
            f"stored.{identifier(name)}) AS {identifier(name)}"
            for name, table in replaced.items()
        )
        change.add(f"SELECT * REPLACE ({columns}) FROM ({rows}) AS stored", month=file.month)
        change.remove(file)
    return int(named)


def _rewritten(
    session: Session, rows: str, columns: list[str], scrub: Scrub
) -> dict[str, list[str]]:
    """The texts of some columns that name an id, as they are and as they will be."""
    found: dict[str, str] = {}
    forms = sorted({*scrub.forms, *scrub.pseudonyms})
    for column in columns:
        name = identifier(column)
        tests = " OR ".join(f"contains({name}, {literal(form)})" for form in forms)
        for (text,) in session.rows(f"SELECT DISTINCT {name} FROM ({rows}) WHERE {tests}"):
            new = scrub.json(text) if text.startswith(("{", "[")) else scrub.text(text)
            if new != text:
                found[text] = new
    return {"old": list(found), "new": list(found.values())}
