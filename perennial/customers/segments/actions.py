"""Writing segments: one transaction and one audit line each; who is in them follows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from perennial.customers.actions import EditConflict
from perennial.customers.filters import AllOf, FilterRefused, parse
from perennial.customers.models import Segment, SegmentMember
from perennial.customers.segments.queries import texts
from perennial.customers.segments.reading import segments_behind, segments_in
from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LOOP = sentence("A segment cannot be made of itself, not even through others.")
TITLE_LETTERS, MEANING_LETTERS = 60, 300
_BATCH = 1_000


class SegmentRefused(InputRefused):
    """This segment cannot be kept so; nothing was written."""

    code = "segment_refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A segment as somebody writes it down."""

    name: str
    title_zh: str
    title_en: str
    filter: str
    meaning: str = ""
    shared: bool = True


@transaction.atomic
def make_segment(wanted: Wanted, *, by: User | None, at: datetime) -> Segment:
    """A new segment of `by`. Raises SegmentRefused or FilterRefused."""
    _check(wanted, by=by)
    if Segment.objects.filter(name=wanted.name).exists():
        raise SegmentRefused(
            sentence("There is a segment “{name}” already."), params={"name": wanted.name}
        )
    segment = Segment.objects.create(
        name=wanted.name,
        title_zh=wanted.title_zh,
        title_en=wanted.title_en,
        filter=wanted.filter,
        meaning=wanted.meaning,
        shared=wanted.shared,
        owner=by,
        made_at=at,
    )
    _line("segment.made", segment, {"filter": wanted.filter}, by=by, at=at)
    return segment


@transaction.atomic
def change_segment(
    segment: Segment, wanted: Wanted, *, version: int, by: User | None, at: datetime
) -> Segment:
    """All but the name. Raises EditConflict when `version` is no longer the newest."""
    _check(wanted, by=segment.owner)
    before = {name: getattr(segment, name) for name in _COLUMNS}
    after = {name: getattr(wanted, name) for name in _COLUMNS}
    if before["shared"] and not after["shared"] and (users := _made_of(segment.name)):
        raise SegmentRefused(
            sentence("Other segments are made of this one: {names}."),
            params={"names": ", ".join(sorted(users))},
        )
    found = Segment.objects.filter(pk=segment.pk, version=version)
    if not found.update(**after, version=F("version") + 1):
        raise EditConflict(
            sentence("Somebody changed this segment in the meantime. Yours is not saved yet.")
        )
    segment.refresh_from_db()
    changed = {
        name: [before[name], after[name]] for name in _COLUMNS if before[name] != after[name]
    }
    _line("segment.changed", segment, changed, by=by, at=at)
    return segment


_COLUMNS = ("title_zh", "title_en", "filter", "meaning", "shared")


def defined() -> list[Wanted]:
    """Everybody's segments as a text writes them down."""
    shared = Segment.objects.filter(shared=True, retired_at=None).order_by("name")
    return [Wanted(it.name, it.title_zh, it.title_en, it.filter, it.meaning) for it in shared]


@transaction.atomic
def define_segment(wanted: Wanted, *, by: User | None, at: datetime) -> None:
    """Keep what a text defines; the text was checked as a whole before."""
    _check(wanted, by=by, alone=False)
    segment = Segment.objects.filter(name=wanted.name).first()
    values = {name: getattr(wanted, name) for name in _COLUMNS}
    if segment is None:
        segment = Segment.objects.create(name=wanted.name, owner=by, made_at=at, **values)
        _line("segment.made", segment, {"filter": wanted.filter}, by=by, at=at)
        return
    Segment.objects.filter(pk=segment.pk).update(
        **values, retired_at=None, version=F("version") + 1
    )
    _line("segment.changed", segment, {"filter": [segment.filter, wanted.filter]}, by=by, at=at)


def faults_of(wanted: Wanted, others: Mapping[str, str]) -> Iterator[RowError]:
    """What is wrong with a segment of a text, by field. `others`: all filters by name, those of
    the text before those of the home."""
    try:
        _check(wanted, by=None, alone=False)
        tree = parse(wanted.filter)
        if gone := sorted(segments_in(tree) - others.keys()):
            raise FilterRefused(gone[0], sentence("There is no segment “{value}”."))
        if wanted.name in segments_behind(tree, others):
            raise SegmentRefused(LOOP, column="filter")
    except InputRefused as wrong:
        yield RowError(
            wrong.code, wrong.message, column=wrong.column or "filter", params=wrong.params
        )


@transaction.atomic
def retire_segment(segment: Segment, *, by: User | None, at: datetime) -> None:
    """Offer it no more; what uses it goes on, and so does its membership."""
    if not Segment.objects.filter(pk=segment.pk, retired_at=None).update(retired_at=at):
        raise SegmentRefused(sentence("This segment is retired already."))
    _line("segment.retired", segment, {}, by=by, at=at)


@transaction.atomic
def restore_segment(segment: Segment, *, by: User | None, at: datetime) -> None:
    """Offer a retired one again."""
    if not Segment.objects.filter(pk=segment.pk, retired_at__isnull=False).update(retired_at=None):
        raise SegmentRefused(sentence("This segment is not retired."))
    _line("segment.restored", segment, {}, by=by, at=at)


@transaction.atomic
def remove_segment(
    segment: Segment, *, used_in: Collection[str], by: User | None, at: datetime
) -> None:
    """Delete it with its history. Raises SegmentRefused while something uses it: retire it then."""
    users = sorted({*used_in, *_made_of(segment.name)})
    if users:
        raise SegmentRefused(
            sentence("It is used in {names}. Retire it instead."),
            params={"names": ", ".join(users)},
        )
    _line("segment.removed", segment, {"filter": segment.filter}, by=by, at=at)
    segment.delete()


@transaction.atomic
def fill_members(segment: Segment, ids: Collection[int], *, day: date, standing: set[int]) -> int:
    """Let exactly `ids` stand in a segment from the end of `day` on; how many rows changed.

    `standing`: who does now. Run again for the same day, the day says what the last run says:
    who came today and is not in any more was never in, who left today and is in again never left.
    """
    came, left = set(ids) - standing, standing - set(ids)
    rows = SegmentMember.objects.filter(segment=segment)
    back = (
        set(rows.filter(until_on=day).values_list("customer", flat=True)) & came if came else set()
    )
    for part in _parts(back):
        rows.filter(until_on=day, customer__in=part).update(until_on=None)
    SegmentMember.objects.bulk_create(
        [SegmentMember(segment=segment, customer_id=pk, from_on=day) for pk in sorted(came - back)],
        batch_size=_BATCH,
    )
    for part in _parts(left):
        gone = rows.filter(until_on__isnull=True, customer__in=part)
        gone.filter(from_on__gte=day).delete()
        gone.update(until_on=day)
    return len(came) + len(left)


def _parts(ids: Collection[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[at : at + 500] for at in range(0, len(ordered), 500)]


def _made_of(name: str) -> set[str]:
    """The segments whose filter names this one."""
    return {other for other, text in texts().items() if name in segments_in(parse(text))}


def _check(wanted: Wanted, *, by: User | None, alone: bool = True) -> None:
    """A name, two titles, a filter; `alone`: of known segments without a loop."""
    if not NAME.fullmatch(wanted.name):
        raise SegmentRefused(
            sentence(
                "A name is small letters, digits and _, at most 40, and begins with a letter."
            ),
            column="name",
        )
    for column in ("title_zh", "title_en"):
        if not 0 < len(getattr(wanted, column).strip()) <= TITLE_LETTERS:
            raise SegmentRefused(
                sentence("The title is missing in one language, or too long."), column=column
            )
    if len(wanted.meaning) > MEANING_LETTERS:
        raise SegmentRefused(
            sentence("The meaning is longer than {most} letters."),
            params={"most": str(MEANING_LETTERS)},
            column="meaning",
        )
    tree = parse(wanted.filter)
    if not tree.parts:
        raise SegmentRefused(sentence("A segment needs a condition."), column="filter")
    if any("me" in part.values and part.field == "owner" for part in tree.conditions()):
        raise FilterRefused(
            "me", sentence("“{value}” is somebody else for everybody: name the CSM.")
        )
    if alone:
        _check_segments(wanted, tree, by=by)


def _check_segments(wanted: Wanted, tree: AllOf, *, by: User | None) -> None:
    known: Mapping[str, Segment] = {it.name: it for it in Segment.objects.all()}
    for name in segments_in(tree):
        other = known.get(name)
        if name != wanted.name and (other is None or not (other.shared or other.owner == by)):
            raise FilterRefused(name, sentence("There is no segment “{value}”."))
        if other is not None and wanted.shared and not other.shared:
            raise SegmentRefused(
                sentence("What everybody sees cannot be made of a private segment: {name}."),
                params={"name": name},
                column="filter",
            )
    if wanted.name in segments_behind(tree, texts()):
        raise SegmentRefused(LOOP, column="filter")


def _line(
    code: str,
    segment: Segment,
    detail: Mapping[str, object],
    *,
    by: User | None,
    at: datetime,
) -> None:
    audit.record(
        code,
        object_type="segment",
        object_id=segment.pk,
        summary=segment.name,
        detail=detail,
        by=by,
        at=at,
    )
