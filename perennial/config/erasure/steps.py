"""The steps of an erasure. Each may be repeated; the last says that it is done.

Tombstones come first, so that nothing that still arrives brings the person back; then the inbox,
the database, the store, other files; last the database's pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop

from perennial.config import bulk
from perennial.config.erasure.files import compact_database, scrub_files
from perennial.config.erasure.pending import Pending
from perennial.config.erasure.records import is_known, scrub_records
from perennial.events.erasing import (
    Scrub,
    drain,
    forget_frames,
    ids_of,
    is_stored,
    pseudonymise,
)
from perennial.events.intake.failpoint import reached
from perennial.events.models import Erasure, Tombstone
from perennial.events.rules.tombstones import tombstone
from perennial.events.store import open_store
from perennial.team import audit
from perennial.team.models import InstallationFact, User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day

BULK_SECONDS = 60.0  # for a file that is just being imported


class UnknownPerson(InputRefused):
    """Nothing here is about this id."""

    code = "unknown_person"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed, by kind of place, and when the last backup with it is gone."""

    pseudonym: str
    asked_at: datetime
    finished_at: datetime | None
    removed: dict[str, int]
    last_backup_at: str | None
    backups_expire_on: date

    @classmethod
    def of(cls, erasure: Erasure) -> Receipt:
        kept = dict(erasure.removed)
        return cls(
            pseudonym=erasure.pseudonym,
            asked_at=erasure.asked_at,
            finished_at=erasure.finished_at,
            removed=kept["places"],
            last_backup_at=kept["last_backup_at"],
            backups_expire_on=date.fromisoformat(kept["backups_expire_on"]),
        )

    def as_document(self) -> dict[str, object]:
        return asdict(self)


def erase(person: str, *, backup_days: int, by: User | None, at: datetime) -> Receipt:
    """Erase everything about a person; the receipt. An interrupted erasure is finished first.

    `backup_days` is how long backups are kept. Raises UnknownPerson when nothing is known of the
    id (exit code 3), Busy when another process holds what must be rewritten (4).
    """
    left = Pending.read()
    if left is not None:
        receipt = _carry_out(left, backup_days=backup_days, by=by)
        if left.person == person:
            return receipt
    store = open_store()
    drain(store)
    bulk.turn(BULK_SECONDS)  # files that came over HTTP
    pending = Pending(person, tuple(sorted(ids_of(store, person))), "", at.isoformat())
    if not (is_known(pending.scrub) or is_stored(store, pending.scrub)):
        return _earlier(person)
    pending = Pending.begin(person, ids=set(pending.ids), at=at)
    return _carry_out(pending, backup_days=backup_days, by=by)


def _earlier(person: str) -> Receipt:
    """The receipt of somebody who was erased before."""
    digest = tombstone(person, key=str(settings.SECRET_KEY))
    done = Erasure.objects.filter(removed__of=digest).order_by("-pk").first()
    if done is None:
        raise UnknownPerson(gettext_noop("Nothing here is about this id."))
    return Receipt.of(done)


def _carry_out(pending: Pending, *, backup_days: int, by: User | None) -> Receipt:
    asked_at = datetime.fromisoformat(pending.asked_at)
    erasure, _ = Erasure.objects.get_or_create(
        pseudonym=pending.pseudonym, defaults={"asked_at": asked_at, "by": by}
    )
    Tombstone.objects.bulk_create(
        [Tombstone(digest=it, erased_at=asked_at) for it in pending.tombstones.values()],
        ignore_conflicts=True,
    )
    places = Counter(erasure.removed.get("places", {}))
    places["ids"] = len(pending.ids)
    reached("erase:tombstones")
    for found in _steps(pending.scrub):
        places.update(found)
        _note(erasure, pending, places, backup_days)
        reached(f"erase:{next(iter(found))}")
    erasure.finished_at = datetime.now(UTC)
    _note(erasure, pending, places, backup_days)
    _line(erasure, by)
    reached("erase:noted")
    compact_database()
    pending.end()
    return Receipt.of(erasure)


def _steps(scrub: Scrub) -> Iterator[dict[str, int]]:
    store = open_store()
    bulk.turn(BULK_SECONDS)
    yield {"inbox_files": forget_frames(store, scrub)}
    yield scrub_records(scrub)
    for table, rows in pseudonymise(store, scrub):
        yield {f"{table}_rows": rows}
    yield {"files": scrub_files(scrub)}


def _note(erasure: Erasure, pending: Pending, places: Counter[str], backup_days: int) -> None:
    fact = InstallationFact.objects.filter(name="last_backup").first()
    on = business_day(erasure.finished_at or datetime.now(UTC), settings.PERENNIAL_TIME_ZONE)
    erasure.removed = {
        "of": pending.tombstones[pending.person],
        "places": dict(places),
        "last_backup_at": fact.value if fact else None,
        "backups_expire_on": (on + timedelta(days=backup_days)).isoformat(),
    }
    erasure.save(update_fields=["removed", "finished_at"])


def _line(erasure: Erasure, by: User | None) -> None:
    audit.record(
        "privacy.erased",
        object_type="erasure",
        object_id=erasure.pk,
        summary=erasure.pseudonym,
        detail={"places": erasure.removed["places"]},
        by=by,
        at=erasure.finished_at or datetime.now(UTC),
    )
