"""Health in words. Rules give an id and numbers; the sentences stand here, to be translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from perennial.health.inputs.sources import SOURCES, sentence_of
from perennial.health.queries.scorecard import Told
from perennial.health.queries.sources import source_of
from perennial.health.rules import Cause, NoChange, Part, State
from perennial.health.rules.definition import Profile
from perennial.web.formats import UNKNOWN, chinese, number, percent

GROUPS: dict[str, Promise] = {
    "depth": gettext_lazy("Depth of use"),
    "breadth": gettext_lazy("Breadth of use"),
    "people": gettext_lazy("People using it"),
    "outcome": gettext_lazy("Results"),
    "relationship": gettext_lazy("Relationship"),
    "support": gettext_lazy("Support"),
    "voice": gettext_lazy("Voice"),
    "payment": gettext_lazy("Payment"),
    "other": gettext_lazy("Earlier measures"),
}
CAUSES: dict[Cause, Promise] = {
    Cause.PROFILE: gettext_lazy("Another profile or scale"),
    Cause.WEIGHTS: gettext_lazy("Other weights"),
    Cause.MISSING: gettext_lazy("Data that came or went"),
    Cause.MEASURE: pgettext_lazy("cause", "Measure"),
    Cause.CHILD: gettext_lazy("Score of a child"),
    Cause.HIERARCHY: gettext_lazy("Where a parent's score comes from"),
    Cause.EXCEPTION: pgettext_lazy("cause", "Exception"),
    Cause.OVERRIDE: gettext_lazy("A colleague's own score"),
}
NO_CHANGE: dict[NoChange, Promise] = {
    NoChange.NO_SCORE_BEFORE: gettext_lazy("There was no score on the first day."),
    NoChange.NO_SCORE_NOW: gettext_lazy("There is no score on the second day."),
}
MEASURES: dict[str, str | Promise] = {name: source.title for name, source in SOURCES.items()}


def measure_title(source: str) -> str:
    """A measure by its source; a metric by its name."""
    return str(MEASURES.get(source) or source_of(source).title)


def profile_title(profile: Profile | None, name: str) -> str:
    """A profile's title in the language that is spoken; its name when it is unknown."""
    if profile is None:
        return name
    return profile.title_zh if chinese() else profile.title_en


def cause_title(told: Told, profile: Profile | None) -> str:
    """What moved the score: the measure itself, the exception, or what kind of thing it was."""
    effect = told.effect
    title = str(CAUSES[effect.cause])
    match effect.cause:
        case Cause.MEASURE:
            return measure_title(told.part.source) if told.part else effect.of
        case Cause.MISSING if told.part:
            pair = {"what": title, "name": measure_title(told.part.source)}
            return _("%(what)s: %(name)s") % pair
        case Cause.EXCEPTION:
            return _("%(what)s: %(name)s") % {
                "what": title,
                "name": limit_title(profile, effect.of),
            }
        case Cause.CHILD | Cause.MISSING:
            return _("%(what)s: %(name)s") % {"what": title, "name": effect.of}
    return title


def limit_title(profile: Profile | None, id: str) -> str:
    """An exception in words; its id when this version does not have it."""
    limits = profile.limits if profile else ()
    found = next((limit for limit in limits if limit.id == id), None)
    if found is None:
        return id
    return found.title_zh if chinese() else found.title_en


def filled(text: str, params: Mapping[str, Any]) -> str:
    """Put numbers into a sentence, written by locale; names ending in `_rate` are percentages."""
    return text % {
        name: percent(value)
        if name.endswith("_rate")
        else number(value, decimals=0 if float(value).is_integer() else 1)
        if isinstance(value, int | float)
        else UNKNOWN
        if value is None
        else value
        for name, value in params.items()
    }


def reason(part: Part) -> str:
    """Why a measure has its points, or why it has none."""
    match part.state:
        case State.NOT_CONNECTED:
            return _("not connected")
        case State.MISSING:
            return _("no value for this customer")
        case State.STALE:
            return _("too old to count")
        case State.PRESENT:
            pass
    if part.source == "overdue" and part.value == 0:
        return _("no invoice overdue")
    if part.source == "last_seen" and part.value is not None and part.value <= 1:
        return _("used in the last two days")
    text = sentence_of(part.source, part.params)
    if text:
        return filled(str(text), part.params)
    return number(part.value, decimals=0 if float(part.value or 0).is_integer() else 1)
