"""A preview as its part of a page shows it: both distributions, who moves, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import pgettext

from perennial.customers.filters import FilterRefused
from perennial.health.models import Band
from perennial.health.preview_wording import effect_in_words
from perennial.health.profile_wording import title_of
from perennial.health.queries.preview import Changed, Counts, preview
from perennial.health.queries.profiles import newest_versions
from perennial.health.queries.sources import source_of
from perennial.health.rules.bands import Band as Code
from perennial.health.rules.definition import Profile, of
from perennial.team import days
from perennial.team.models import User
from perennial.units.errors import RowError
from perennial.web.faults import in_words
from perennial.web.formats import number

Plain = Mapping[str, Any]
MOST_FAULTS = 8


@dataclass(frozen=True, slots=True)
class Share:
    """One colour of a distribution: how many customers, and where its bar stands, 0–1000."""

    band: str
    title: str
    count: int
    before: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Moved:
    changed: Changed
    why: Sequence[tuple[str, int]]


def previewed(
    user: User,
    definition: Plain,
    *,
    faults: Sequence[RowError] = (),
    hints: Sequence[RowError] = (),
    retired: bool = False,
) -> dict[str, Any]:
    """The context of health/_preview.html; with faults it says them instead of figures."""
    if faults:
        return {"faults": _told(faults, definition)}
    day = days.last_day()
    if day is None:
        return {"no_day": True, "hints": _told(hints, definition)}
    draft = of(definition)
    try:
        found = preview(user, draft, day=day, retired=retired)
    except FilterRefused as refused:
        return {"faults": [in_words(refused)]}
    titles = {name: title_of(it.definition) for name, it in newest_versions().items()}
    titles[draft.name] = title_of(definition)
    return {
        "preview": found,
        "before": shares(found.before, found.before),
        "after": shares(found.after, found.before),
        "moved": [_moved(it, draft, titles) for it in found.changed],
        "more": found.changed_count - len(found.changed),
        "hints": _told([*hints, *found.hints], definition),
    }


def shares(counts: Counts, before: Counts) -> list[Share]:
    """Colours from red to grey, those without anybody too."""
    whole = sum(counts.values())
    found, x = [], 0.0
    for band in Code:
        width = 1000 * counts[band] / whole if whole else 0.0
        title = str(Band(band.value).label)
        found.append(Share(band.value, title, counts[band], before[band], x, width))
        x += width
    return found


def _moved(it: Changed, draft: Profile, titles: Mapping[str, str]) -> Moved:
    why = [
        (effect_in_words(effect, draft, titles, pulled=it.pulled), round(float(effect.points)))
        for effect in it.effects
    ]
    return Moved(it, why)


def _told(errors: Sequence[RowError], definition: Plain) -> list[str]:
    """In words, each once; measures by their titles, not their places."""
    rows = definition.get("measures", ())
    told = []
    for error in errors[:MOST_FAULTS]:
        if names := error.params.get("measures"):  # sources, told by their titles
            titles = [str(source_of(it).title) for it in names.split(",")]
            listed = pgettext("list", ", ").join(titles)
            error = replace(error, params={"measures": listed})
        text = in_words(error)
        _head, _, rest = (error.column or "").partition("measures.")
        index = rest.partition(".")[0]
        if index.isdecimal() and int(index) < len(rows):
            row = rows[int(index)]
            title = source_of(str(row.get("source", row.get("id")))).title
            text = f"{title}: {text}"
        told.append(text)
    if len(errors) > MOST_FAULTS:
        told.append(f"+ {number(len(errors) - MOST_FAULTS)}")
    return list(dict.fromkeys(told))
