"""Taking an import of events back."""

from __future__ import annotations

from datetime import date

from perennial.events.load import daily
from perennial.events.store import Store


def undo_batch(batch: int, *, store: Store) -> int:
    """Take the events of an import out of the store; how many there were.

    Values of days that the import replaced stand again. Undoing again, or undoing what was
    never imported, takes out nothing. Raises ReplacedSince when later
    imports replaced values of this one.
    """
    with store.writing(), store.session() as session:
        snapshot = store.snapshot("events")
        files = [
            file
            for file in snapshot.files
            if file.first_batch is not None
            and file.last_batch is not None
            and file.first_batch <= batch <= file.last_batch
        ]
        if not files:
            return 0
        former = daily.take_back(session, snapshot, files, batch)
        change = store.change("events", session)
        days: dict[date, int] = dict(
            session.rows(
                "SELECT day, count(*) FILTER (replaced_on IS NULL) "
                f"FROM ({snapshot.sql(tuple(files))}) WHERE batch = {batch:d} GROUP BY day"
            )
        )
        files += [it for it in snapshot.files if it.path in former and it not in files]
        for file in files:
            if file.path in former or file.first_batch != file.last_batch or file.batches_missing:
                standing = "CASE WHEN former.known IS NULL THEN replaced_on END AS replaced_on"
                change.add(
                    f"SELECT events.* REPLACE ({standing}) "
                    f"{daily.given_back(snapshot.sql((file,)))} "
                    f"WHERE batch IS DISTINCT FROM {batch:d}",
                    month=file.month,
                )
            change.remove(file)
        store.commit(change, days=days)
        return sum(days.values())
