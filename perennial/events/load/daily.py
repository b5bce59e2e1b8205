"""Daily aggregates: a later file that says otherwise replaces the value of a key.

A key is (source, day, event, customer, user, product). The former row stays for the days on
which it was known (`replaced_on`), and even one of the same day stays, never seen, so that an
undo can give it back. `sent_at` is when the file came: it orders what was said about a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from perennial.events.rules.kinds import Kind
from perennial.events.store import Change, File, Session, Snapshot
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

NAMED = 20


class ReplacedSince(InputRefused):
    """Values of an import that later files replaced, so that it cannot be undone."""

    def __init__(self, rows: list[str]) -> None:
        super().__init__(
            sentence("Later imports replaced values of this one: {rows}."),
            code="replaced_since",
            params={"rows": "; ".join(rows)},
        )
        self.rows = rows


KNOWN = "coalesce(known_on, received_on)"
_IS_DAILY = f"kind = '{Kind.DAILY}'"
_KEY = "source, day, message_id"


def begin(session: Session) -> None:
    """The temporary table of keys whose value is replaced, with the day from which on."""
    session.run(
        "CREATE OR REPLACE TEMP TABLE corrected "
        "(day DATE, source VARCHAR, message_id BLOB, on_day DATE)"
    )


def fresh(session: Session, new: str, existing: str) -> str:
    """Of the new rows of some days, those that say something new; notes what they replace.

    `existing`: the rows in the store of these days, or "".
    """
    if not existing:
        return new
    beside = f"""
        FROM ({new}) AS new LEFT JOIN (
            SELECT {_KEY}, value AS old_value, properties AS old_properties, {KNOWN} AS known
            FROM ({existing}) WHERE {_IS_DAILY} AND replaced_on IS NULL
        ) AS old USING ({_KEY})"""
    other = "old_value <> value OR old_properties IS DISTINCT FROM properties"
    session.run(
        f"INSERT INTO corrected SELECT day, source, message_id, greatest(known, received_on) "
        f"{beside} WHERE known IS NOT NULL AND ({other})"
    )
    return f"""
        SELECT new.*, CASE WHEN known > received_on THEN known END AS known_on
        {beside} WHERE known IS NULL OR {other}"""


def replace_former(change: Change, snapshot: Snapshot) -> int:
    """Write the files anew whose rows were corrected; how many rows."""
    session = change.session
    [(count, first, last)] = session.rows("SELECT count(*), min(day), max(day) FROM corrected")
    for file in snapshot.between(first, last) if count else ():
        joined = (
            f"FROM ({snapshot.sql((file,))}) AS events LEFT JOIN corrected "
            "ON events.day = corrected.day AND events.source = corrected.source "
            f"AND CASE WHEN {_IS_DAILY} AND replaced_on IS NULL THEN events.message_id END "
            "= corrected.message_id"  # a condition on one side alone would compare all with all
        )
        if session.rows(f"SELECT 1 {joined} WHERE on_day IS NOT NULL LIMIT 1"):
            change.add(
                f"SELECT events.* REPLACE (coalesce(replaced_on, on_day) AS replaced_on) {joined}",
                month=file.month,
            )
            change.remove(file)
    return int(count)


def take_back(session: Session, snapshot: Snapshot, files: Sequence[File], batch: int) -> set[str]:
    """Fill `former`: what stood before an import replaced it. The paths of the files with it.

    Raises ReplacedSince when later files replaced rows of the import.
    """
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE taken AS
        SELECT {_KEY}, min(sent_at) AS sent_at, bool_or(replaced_on IS NULL) AS stands,
            first(concat_ws(' · ', day, event, customer, person, product)) AS name
        FROM ({snapshot.sql(tuple(files))}) WHERE batch = {batch:d} AND {_IS_DAILY} GROUP BY ALL""")
    later = session.rows(f"SELECT name FROM taken WHERE NOT stands ORDER BY name LIMIT {NAMED}")
    if later:
        raise ReplacedSince([name for (name,) in later])
    session.run(
        "CREATE OR REPLACE TEMP TABLE former "
        "(day DATE, source VARCHAR, message_id BLOB, former_at TIMESTAMPTZ, known DATE)"
    )
    [(first, last)] = session.rows("SELECT min(day), max(day) FROM taken")
    return _find_former(session, snapshot, first, last, batch) if first else set()


def _find_former(
    session: Session, snapshot: Snapshot, first: date, last: date, batch: int
) -> set[str]:
    near = snapshot.between(first, last)
    session.run(f"""
        CREATE OR REPLACE TEMP TABLE former AS
        SELECT {_KEY}, arg_max(old.sent_at, latest) AS former_at, arg_max(known, latest) AS known
        FROM (SELECT *, {KNOWN} AS known, (sent_at, batch, {KNOWN}) AS latest
            FROM ({snapshot.sql(near)}) WHERE {_IS_DAILY} AND batch <> {batch:d}) AS old
        JOIN taken USING ({_KEY})
        WHERE (old.sent_at, old.batch) < (taken.sent_at, {batch:d}) GROUP BY ALL""")
    return {
        file.path
        for file in near
        if session.rows(
            f"SELECT 1 {given_back(snapshot.sql((file,)))} WHERE known IS NOT NULL LIMIT 1"
        )
    }


def given_back(rows: str) -> str:
    """Rows beside `former`: where its `known` is there, they are to stand again."""
    return (
        f"FROM ({rows}) AS events LEFT JOIN former ON events.day = former.day "
        "AND events.source = former.source "
        f"AND CASE WHEN {_IS_DAILY} THEN events.message_id END = former.message_id "
        f"AND events.sent_at = former_at AND {KNOWN} = former.known"
    )
