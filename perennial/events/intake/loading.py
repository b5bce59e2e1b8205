"""From the inbox into the store, exactly once.

1. Manifest: the number of the load and its segments, durable.
2. Read and normalise the segments; leave out copies.
3. Commit the links; attribute; write the fingerprints; keep the facts for the database.
4. Commit the events; the number is the commit's transaction, so that it happens once.
5. Facts into the database, guarded by the number; segments away; manifest away.
A load that is killed before 4 is done again as if it had never begun; after 4 it goes on at 5.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from django.conf import settings

from perennial.events.inbox.segments import adopt_orphans, retire, sealed
from perennial.events.intake import counting, manifest
from perennial.events.intake.attribution import attribute
from perennial.events.intake.duplicates import judge
from perennial.events.intake.erased import forget_frames_of_erased, refuse_erased
from perennial.events.intake.failpoint import reached
from perennial.events.intake.index import open_index
from perennial.events.intake.later import attribute_later
from perennial.events.intake.links import links_of
from perennial.events.intake.manifest import Manifest
from perennial.events.intake.reading import SourceRules
from perennial.events.intake.segments import Read, read_segments
from perennial.events.intake.state import LoaderState, read_state, write_state
from perennial.events.models import Source, SourceKind
from perennial.events.queries.settings import intake_settings
from perennial.events.store import Session, Store, merge_small, plan_files
from perennial.units.durable import sync_folder
from perennial.units.moment import business_day

LOAD_BYTES: Final = 96 * 1024 * 1024  # of segments in one load: about 300,000 events
TRANSACTION: Final = "inbox"
WAIT_SECONDS: Final = 600.0
DAMAGED: Final = "damaged"  # folder in the inbox: segments that could not be read whole


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What came of the loads: counts of items, segments, and bytes that were torn or lost."""

    loads: int = 0
    segments: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    links: int = 0
    torn_bytes: int = 0
    damaged: int = 0
    seconds: float = 0

    def __add__(self, other: LoadReport) -> LoadReport:
        return LoadReport(
            *(getattr(self, it.name) + getattr(other, it.name) for it in fields(self))
        )


def inbox_folder() -> Path:
    return Path(settings.PERENNIAL_HOME) / "inbox"


def load(
    store: Store, *, inbox: Path | None = None, wait_seconds: float = WAIT_SECONDS
) -> LoadReport:
    """Load everything that is sealed by now. Whatever fails is raised, and nothing is lost by
    it: the next call goes on. Raises Busy when another writer takes longer than `wait_seconds`."""
    folder = inbox or inbox_folder()
    report = LoadReport()
    if not folder.is_dir():
        return report
    until = len(sealed(folder)) + 1  # what arrives meanwhile is for the next call
    while report.segments < until:
        with store.writing(wait_seconds=wait_seconds):
            done = _next_load(store, folder)
        if done is None:
            break
        report += done
        _tell(folder, done)
    if report.links:
        known_on = business_day(datetime.now(UTC), settings.PERENNIAL_TIME_ZONE)
        attribute_later(store, received_on=known_on)
    return report


def is_waiting(inbox: Path | None = None) -> bool:
    """Whether there is something to load; reads names only."""
    folder = inbox or inbox_folder()
    adopt_orphans(folder)
    return bool(sealed(folder)) or (folder / manifest.FILE).exists()


def _tell(inbox: Path, done: LoadReport) -> None:
    known, now = read_state(inbox), datetime.now(UTC).isoformat()
    torn_at = now if done.torn_bytes else known.torn_at
    torn = known.torn_bytes + done.torn_bytes
    write_state(inbox, LoaderState(now, done.accepted, done.seconds, torn, torn_at))


def _next_load(store: Store, inbox: Path) -> LoadReport | None:
    """One load, if there is something to load; under the writers' lock."""
    left = manifest.read(inbox)
    if left and store.consumed("events", TRANSACTION) >= left.number:
        _finish(store, inbox, left)
        left = None
    if left is None:
        adopt_orphans(inbox)
        segments = _bounded(sealed(inbox))
        if not segments:
            return None
        left = manifest.begin(inbox, number=_next_number(store), segments=segments)
        reached("load:manifest")
    return _load(store, inbox, left)


def _bounded(paths: Sequence[Path]) -> list[Path]:
    """The first segments, up to the size of a load."""
    taken: list[Path] = []
    size = 0
    for path in paths:
        size += path.stat().st_size
        if taken and size > LOAD_BYTES:
            break
        taken.append(path)
    return taken


def _next_number(store: Store) -> int:
    """Greater than every earlier one, even if the store or the database is an older copy."""
    stored = (store.consumed(name, TRANSACTION) for name in ("events", "links"))
    return max(*stored, counting.last_recorded()) + 1


def _load(store: Store, inbox: Path, taken: Manifest) -> LoadReport:
    started = time.perf_counter()
    rules = {it.pk: it for it in _sources()}
    paths = taken.paths(inbox)
    found = read_segments(paths, sources=rules, settings=intake_settings())
    refuse_erased(found, number=taken.number)
    reached("load:read")
    with store.session() as session:
        links, facts = _write(store, inbox, session, taken.number, found, rules)
    reached("load:committed")
    _finish(store, inbox, taken)
    accepted = sum(hour.accepted for hour in facts.hours)
    return LoadReport(
        loads=1,
        segments=len(paths),
        accepted=accepted,
        duplicates=found.table.num_rows - accepted,
        rejected=len(found.rejects),
        links=links,
        torn_bytes=found.torn,
        damaged=len(found.damaged),
        seconds=time.perf_counter() - started,
    )


def _sources() -> list[SourceRules]:
    return [
        SourceRules(
            pk=it.pk,
            name=it.name,
            claimed=it.kind == SourceKind.BROWSER,
            event_bytes=it.event_bytes,
            group_type=it.group_type,
            product=it.product,
        )
        for it in Source.objects.all()
    ]


def _write(
    store: Store,
    inbox: Path,
    session: Session,
    number: int,
    found: Read,
    rules: dict[int, SourceRules],
) -> tuple[int, counting.Facts]:
    """The commits of a load; how many links it brought, and its facts."""
    zone, horizon = settings.PERENNIAL_TIME_ZONE, intake_settings().fingerprint_days
    index = open_index(store, session, zone=zone, horizon=horizon)
    judged = judge(session, store, index, staged=found.table, zone=zone, horizon=horizon)
    session.offer("staged", found.table.filter(judged.new))
    is_first = store.consumed("links", TRANSACTION) < number
    links = _commit_links(store, session, number) if is_first else 0
    reached("load:links")
    attributed = attribute(session, store, staged="staged", is_gathered=is_first)
    judged.remember(index, f"{number:012d}")
    reached("load:fingerprints")
    facts = counting.gather(
        session,
        number=number,
        attributed=attributed,
        copies=found.table.filter(np.logical_not(judged.new)).select(
            ["source", "received_at", "ts"]
        ),
        rejects=found.rejects,
        names={pk: it.name for pk, it in rules.items()},
        damaged=found.damaged,
    )
    facts.write(inbox)
    reached("load:facts")
    _commit_events(store, session, number, attributed)
    return links, facts


def _commit_links(store: Store, session: Session, number: int) -> int:
    """The links that the items bring; how many."""
    change = store.change("links", session)
    rows = links_of(session, store, staged="staged")
    with change.discarded_on_error():
        days = [day for (day,) in session.rows(f"SELECT DISTINCT day FROM ({rows}) ORDER BY day")]
        for day in days:
            change.add(f"SELECT * FROM ({rows}) WHERE day = '{day}'", month=day.replace(day=1))
    if days:
        store.commit(change, days=days, transactions={TRANSACTION: number})
    return change.rows


def _commit_events(store: Store, session: Session, number: int, attributed: str) -> None:
    """One commit, also when every item was a copy: the number is used."""
    change = store.change("events", session)
    counts = session.rows(f"SELECT day, count(*) FROM {attributed} GROUP BY day")
    # The time as sent is mostly the time that counts: said once, it costs nothing.
    rows = (
        "SELECT * REPLACE (CASE WHEN clock IS NOT NULL OR original_at <> ts THEN original_at END "
        f"AS original_at) FROM {attributed}"
    )
    with change.discarded_on_error():
        for first, last in plan_files(counts, file_rows=change.table.file_rows):
            span = f"day BETWEEN '{first}' AND '{last}'"
            change.add(f"SELECT * FROM ({rows}) WHERE {span}", month=first.replace(day=1))
    reached("load:written")
    store.commit(
        change,
        days=[day for day, _ in counts],
        transactions={TRANSACTION: number},
        facts={"added": change.rows},
    )


def _finish(store: Store, inbox: Path, done: Manifest) -> None:
    """What follows the commit; may be repeated at any point."""
    facts = counting.read_facts(inbox, number=done.number)
    if facts is not None:
        counting.record(facts)
    reached("load:recorded")
    _keep_damaged(inbox, facts.damaged if facts else ())
    retire(done.paths(inbox))
    if facts is not None:
        forget_frames_of_erased(inbox, facts.rejects)
    reached("load:retired")
    manifest.end(inbox)
    counting.forget_facts(inbox)
    reached("load:ended")
    _tidy(store)


def _keep_damaged(inbox: Path, names: Sequence[str]) -> None:
    """A segment that the disk damaged is put aside: doctor tells, and somebody may look."""
    for path in (path for path in sealed(inbox) if path.stem in set(names)):
        (inbox / DAMAGED).mkdir(exist_ok=True, mode=0o700)
        path.rename(inbox / DAMAGED / path.name)
        sync_folder(inbox / DAMAGED)
        sync_folder(inbox)


def _tidy(store: Store) -> None:
    """Loads every few seconds leave neither thousands of files nor of runs."""
    with store.session() as session:
        for name in ("events", "links"):
            merge_small(store, name, session=session)
        oldest = business_day(datetime.now(UTC), settings.PERENNIAL_TIME_ZONE).toordinal()
        horizon = intake_settings().fingerprint_days
        index = open_index(store, session, zone=settings.PERENNIAL_TIME_ZONE, horizon=horizon)
        index.tidy(oldest=oldest - _DAY_ZERO - horizon, horizon=horizon)


_DAY_ZERO: Final = 719_163  # 1970-01-01 as an ordinal
