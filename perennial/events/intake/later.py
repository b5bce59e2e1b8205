"""What becomes known later: older events whose person or customer new links tell otherwise.

A row that was known on an earlier day stays for the days before and is followed by one for the
days from now on; a row of the same day is changed where it stands. So the past, as it was known,
never changes. Work is bounded: newest days first, the rest waits for the next call.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Self

from django.conf import settings

from perennial.events.intake.evidence import connect, gather_members, offer_links
from perennial.events.intake.people import mark, remember_people
from perennial.events.intake.placing import place, settle
from perennial.events.rules.kinds import Attribution, Relation
from perennial.events.store import Change, File, Session, Store, literal

FILES_AT_ONCE = 60
FILE = "followed.json"
_FILLED = "events"  # by this name daily activity notes how far into the events it got
_FOREVER = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Followed:
    """How far links were followed; beside the tables, and made anew when it is lost.

    Links up to `done` are; those up to `goal` are for the days from `from_on` on.
    """

    done: int = -1
    goal: int = -1
    from_on: str | None = None
    people: tuple[int, ...] = ()

    @classmethod
    def read(cls, path: Path, *, version: int) -> Self:
        try:
            kept = cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return cls()
        return kept if kept.done <= version else cls()  # the table was made anew

    def write(self, path: Path) -> None:
        new = path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as handle:
            json.dump(asdict(self), handle)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(path)


def attribute_later(store: Store, *, received_on: date, files_at_once: int = FILES_AT_ONCE) -> int:
    """Follow the links that became known since the last call; how many events changed.

    `received_on` is the business day on which this becomes known. Takes the writers' lock.
    """
    path = store.path / FILE
    with store.writing(), store.session() as session:
        people = mark()
        followed = Followed.read(path, version=store.snapshot("links").version)
        if people != list(followed.people):
            remember_people(session, store)
        version = store.snapshot("links").version
        if followed.from_on is None:
            followed = replace(followed, goal=version)
        changed, rest = 0, None
        if followed.done < followed.goal and _affected(session, store, followed):
            changed, rest = _follow(session, store, followed, received_on, files_at_once)
        if rest is None:
            after = replace(followed, done=followed.goal, from_on=None)
        else:
            after = replace(followed, from_on=rest.isoformat())
        after = replace(after, people=tuple(people))
        if after != followed:
            after.write(path)
    return changed


def attribute_all_later(store: Store, *, received_on: date) -> int:
    """Follow all links, however much there is to do; how many events changed."""
    changed = attribute_later(store, received_on=received_on)
    path = store.path / FILE
    while Followed.read(path, version=store.snapshot("links").version).from_on is not None:
        changed += attribute_later(store, received_on=received_on)
    return changed


def _affected(session: Session, store: Store, followed: Followed) -> int:
    """Fill `affected` (id, from_on): whose events new links may tell otherwise, from which day.

    A link that says what its predecessor said changes nothing.
    """
    zone = literal(str(settings.PERENNIAL_TIME_ZONE))
    offer_links(session, store, staged=False)
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM stored_links
        WHERE batch > {followed.done} AND batch <= {followed.goal}""")
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE renamed AS
        SELECT DISTINCT id FROM (
            SELECT *, lag(target) OVER (PARTITION BY id, claimed, id = target
                ORDER BY since_at, received_at, target) AS before,
                bool_or(claimed) OVER (PARTITION BY id) AS contested
            FROM stored_aliases SEMI JOIN (FROM fresh WHERE relation = '{Relation.ALIAS}')
            USING (id))
        WHERE batch > {followed.done} AND batch <= {followed.goal}
            AND CASE WHEN id = target THEN contested ELSE before IS NULL OR before <> target END""")
    connect(session, store, ids="FROM renamed", staged=False)
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE affected AS
        SELECT id, DATE '{_FOREVER}' AS from_on FROM reached""")
    session.run("CREATE OR REPLACE TEMP TABLE asked (id VARCHAR, moment TIMESTAMPTZ)")
    movers = f"SELECT id FROM fresh WHERE relation = '{Relation.MEMBER}'"
    connect(session, store, ids=f"{movers} UNION ALL SELECT id FROM affected", staged=False)
    gather_members(session)
    settle(session)
    session.run(f"""
        INSERT INTO affected SELECT person, min(from_on) FROM (
            SELECT *, CASE WHEN before IS NULL THEN DATE '{_FOREVER}'
                ELSE timezone({zone}, moment)::DATE END AS from_on
            FROM (SELECT *, lag(customer) OVER (PARTITION BY person, claimed
                    ORDER BY moment, received_at, customer) AS before FROM stays)
            WHERE batch > {followed.done} AND batch <= {followed.goal}
                AND (before IS NULL OR before <> customer OR displaces))
        GROUP BY person""")
    [(affected,)] = session.rows("SELECT count(*) FROM affected")
    return int(affected)


def _follow(
    session: Session, store: Store, followed: Followed, on: date, files_at_once: int
) -> tuple[int, date | None]:
    """Rewrite the newest files concerned; how many events, and the day before which more wait."""
    until = date.fromisoformat(followed.from_on) if followed.from_on else None
    files, rest = _newest(_files(session, store, until), files_at_once)
    events = store.snapshot("events")
    session.run("DELETE FROM asked")
    doubtful = (
        "replaced_on IS NULL AND (person IN (SELECT id FROM affected) "
        "OR given_id IN (SELECT id FROM affected))"
    )
    session.run(f"""
        INSERT INTO asked SELECT DISTINCT coalesce(given_id, person), ts
        FROM ({events.sql(files)}) WHERE {doubtful}""")
    ids = "SELECT id FROM asked UNION ALL SELECT id FROM affected"
    connect(session, store, ids=ids, staged=False)
    gather_members(session)
    place(session)
    change, changed = store.change("events", session), 0
    days: set[date] = set()
    for file in files:
        found = _rewrite(change, session, events.sql((file,)), file, on)
        changed += sum(found.values())
        days |= found.keys()
    if days:
        store.commit(change, days=days)
    return changed, rest


def _files(session: Session, store: Store, until: date | None) -> list[File]:
    """The files that may hold events of the affected, before a day, newest first.

    Their days are those of their daily activity, those that it does not know yet, and those on
    which they said who they are.
    """
    unfilled = store.changed_days("events", since=store.consumed("activity", _FILLED))
    zone = literal(str(settings.PERENNIAL_TIME_ZONE))
    files = sorted(store.snapshot("events").files, key=lambda file: file.first_on, reverse=True)
    if until is not None:
        files = [file for file in files if file.first_on < until]
    if unfilled is None:
        return files
    found = session.rows(f"""
        SELECT DISTINCT day FROM ({store.snapshot("activity").sql()}) AS activity
        JOIN affected ON activity.person = affected.id AND activity.day >= from_on
        UNION SELECT DISTINCT timezone({zone}, since_at)::DATE FROM stored_links
        WHERE id IN (SELECT id FROM reached) OR target IN (SELECT id FROM reached)""")
    days = {day for (day,) in found} | unfilled
    return [file for file in files if any(file.first_on <= day <= file.last_on for day in days)]


def _newest(files: Sequence[File], at_once: int) -> tuple[tuple[File, ...], date | None]:
    """The first files, whole days of them, and the day before which the others lie."""
    if len(files) <= at_once:
        return tuple(files), None
    last = files[at_once - 1].first_on
    return tuple(file for file in files if file.first_on >= last), last


def _rewrite(change: Change, session: Session, rows: str, file: File, on: date) -> dict[date, int]:
    """Write a file anew with what is known now; the events that changed, by day."""
    # A condition on one side alone in an outer join would compare all rows with all.
    session.run(f"""
        CREATE OR REPLACE TEMP VIEW judged AS
        SELECT *, new_person IS DISTINCT FROM person OR new_customer IS DISTINCT FROM customer
            AS changed FROM (
            SELECT events.*,
                CASE WHEN attribution IS NULL OR placed.id IS NULL THEN events.person
                    ELSE placed.person END AS new_person,
                CASE WHEN placed.id IS NOT NULL AND coalesce(
                        attribution IN ('{Attribution.MEMBERSHIP}', '{Attribution.NONE}'),
                        events.customer IS NULL AND order_id IS NULL)
                    THEN placed.customer ELSE events.customer END AS new_customer
            FROM ({rows}) AS events LEFT JOIN placed ON placed.moment = ts AND placed.id =
                CASE WHEN events.replaced_on IS NULL THEN coalesce(given_id, events.person) END)
        """)
    found: dict[date, int] = dict(
        session.rows("SELECT day, count(*) FROM judged WHERE changed GROUP BY day")
    )
    if not found:
        return {}
    change.add(_versions(on), month=file.month)
    change.remove(file)
    return found


def _versions(on: date) -> str:
    """The rows of `judged` as they are from a day on: what was known before stays for its days."""
    known = f"coalesce(known_on, received_on) < DATE '{on}'"
    old = f"changed AND {known}"
    new_columns = f"""
        new_person AS person, new_customer AS customer,
        CASE WHEN coalesce(given_id, person) <> new_person THEN coalesce(given_id, person) END
            AS given_id,
        CASE WHEN new_customer IS NOT DISTINCT FROM customer THEN attribution
            WHEN new_customer IS NULL THEN '{Attribution.NONE}'
            ELSE '{Attribution.MEMBERSHIP}' END AS attribution"""
    cut = "* EXCLUDE (new_person, new_customer, changed)"
    return f"""
            SELECT {cut} REPLACE (CASE WHEN {old} THEN DATE '{on}' ELSE replaced_on END
                AS replaced_on) FROM judged WHERE NOT changed OR {known}
            UNION ALL BY NAME
            SELECT {cut} REPLACE ({new_columns}) FROM judged WHERE changed AND NOT {known}
            UNION ALL BY NAME
            SELECT {cut} REPLACE ({new_columns}, DATE '{on}' AS known_on)
            FROM judged WHERE {old}"""
