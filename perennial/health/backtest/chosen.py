"""Which profiles are tried: all in force together, or one alone, also a draft or an old version."""

from __future__ import annotations

from perennial.health.queries.profiles import draft_of, profile_of, profiles_in_force
from perennial.health.rules.definition import Profile, of
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence
from perennial.units.whole import whole

DRAFT = "draft"


def profile_named(text: str) -> Profile:
    """`steady` as it is in force (or its draft, where nothing else has the name), `steady:draft`,
    or `steady:3`, an earlier version. Raises InputRefused when there is no such profile."""
    name, colon, version = text.partition(":")
    if not colon:
        judging = {it.name: it for it in profiles_in_force()}
        found = judging.get(name) or _draft(name)
    elif version == DRAFT:
        found = _draft(name)
    else:
        number = whole(version)
        found = profile_of(name, number) if number is not None else None
    if found is None:
        raise InputRefused(
            sentence("There is no profile “{name}”. In force are: {known}."),
            code="unknown_profile",
            params={"name": text, "known": ", ".join(it.name for it in profiles_in_force())},
        )
    return found


def _draft(name: str) -> Profile | None:
    row = draft_of(name)
    return of(row.definition) if row else None
