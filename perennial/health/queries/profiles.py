"""Which profiles judge: the shipped three until somebody publishes, then the newest versions.

A version is never changed: a change is the next one, and a retirement is a version that judges
nobody. Drafts have no version and judge nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.conf import settings
from django.db.models import QuerySet

from perennial.health.models import ProfileVersion
from perennial.health.rules.defaults import SHIPPED
from perennial.health.rules.definition import Profile, of, plain
from perennial.units.moment import day_end

State = ProfileVersion.State
ReadProfile = Callable[[str, int], Profile | None]  # by name and version
FIRST = 1  # the version of what is shipped


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a profile in its history. `row` None: as shipped."""

    name: str
    version: int
    is_retired: bool
    definition: Mapping[str, object]
    row: ProfileVersion | None

    def profile(self) -> Profile:
        return of(self.definition, version=self.version)


def profiles_in_force(on: date | None = None) -> list[Profile]:
    """What judges at the end of a business day (None: now), the highest priority first."""
    newest = [it.profile() for it in newest_versions(on).values() if not it.is_retired]
    return sorted(newest, key=lambda profile: (-profile.priority, profile.name))


def profile_of(name: str, version: int) -> Profile | None:
    """One published text, also one that is replaced by now; None: there is no such version."""
    found = next((it for it in versions_of(name) if it.version == version), None)
    return found.profile() if found else None


def newest_versions(on: date | None = None) -> dict[str, Version]:
    """The newest version of every name, retired ones included, as of the end of a day."""
    return {it.name: it for it in _versions(_published(on))}


def versions_of(name: str) -> list[Version]:
    """All versions of a profile, the newest first; empty when there is no such profile."""
    found = [it for it in _versions(_published().filter(name=name)) if it.name == name]
    return found[::-1]


def draft_of(name: str) -> ProfileVersion | None:
    return _drafts().filter(name=name).first()


def drafts() -> dict[str, ProfileVersion]:
    return {it.name: it for it in _drafts()}


def next_version(name: str) -> int:
    """The number that the next publishing of this name gets."""
    known = versions_of(name)
    return known[0].version + 1 if known else FIRST


def _drafts() -> QuerySet[ProfileVersion]:
    return ProfileVersion.objects.filter(state=State.DRAFT).select_related("by").order_by("name")


def _published(on: date | None = None) -> QuerySet[ProfileVersion]:
    rows = ProfileVersion.objects.exclude(state=State.DRAFT)
    if on is not None:
        rows = rows.filter(changed_at__lt=day_end(on, settings.PERENNIAL_TIME_ZONE))
    return rows.select_related("by").order_by("name", "version")


def _versions(rows: Iterable[ProfileVersion]) -> list[Version]:
    """The shipped texts, then what was published; every name's versions rise."""
    published = [
        Version(row.name, row.version or 0, row.state == State.RETIRED, row.definition, row)
        for row in rows
    ]
    return [*_shipped(), *published]


@cache
def _shipped() -> tuple[Version, ...]:
    return tuple(Version(it.name, FIRST, False, plain(it), None) for it in SHIPPED)
