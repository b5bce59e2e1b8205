"""Profiles in words: audiences, scales, exceptions, what a draft changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from perennial.customers.filter_words import in_words
from perennial.customers.filters import FilterRefused, parse
from perennial.health.audience import FIELDS
from perennial.health.forms.draft import typed
from perennial.health.queries.sources import Source, source_of
from perennial.health.rules.compare import Change, What
from perennial.health.wording import GROUPS
from perennial.web.formats import chinese, number, percent

Plain = Mapping[str, Any]
HIERARCHIES = {
    "own": gettext_lazy("Its own score"),
    "children": gettext_lazy("Mean of its children, weighted by ARR"),
    "worst": gettext_lazy("Its worst child"),
}
CONDITIONS = {
    "below": pgettext_lazy("exception", "is below"),
    "at_least": pgettext_lazy("exception", "is at least"),
    "missing": pgettext_lazy("exception", "is missing"),
}
# How an audience compares; what fits a field is said by the check.
OPERATORS = {
    "in": pgettext_lazy("filter", "is one of"),
    "not": pgettext_lazy("filter", "is not"),
    "gte": "≥",
    "lte": "≤",
    "gt": ">",
    "lt": "<",
    "has": pgettext_lazy("filter", "contains"),
    "known": pgettext_lazy("filter", "known"),
    "empty": pgettext_lazy("filter", "unknown"),
}


def title_of(definition: Plain) -> str:
    """A profile's title in the language that is spoken."""
    first, second = ("title_zh", "title_en") if chinese() else ("title_en", "title_zh")
    return str(definition.get(first) or definition.get(second) or definition.get("name", ""))


def audience_in_words(audience: str) -> str:
    """Whom a profile judges; a filter that cannot be read stays as it is."""
    if not audience:
        return _("Everybody")
    try:
        return in_words(parse(audience), {field.name: field for field in FIELDS}, {})
    except (FilterRefused, KeyError):
        return audience


def value_in_words(source: Source, value: object) -> str:
    """A value of a measure with its unit's sign: 40 %, 7."""
    shown = typed(value, in_percent=source.in_percent).replace("-", "\N{MINUS SIGN}")
    return f"{shown}%" if source.in_percent and shown else shown or "–"


def scale_in_words(source: Source, kind: str, rows: Sequence[Sequence[Any]]) -> str:
    """`−20% → 50 · −5% → 75`, or `< 20% → 20 · from 20% → 60`."""
    if kind == "linear":
        said = [f"{value_in_words(source, value)} → {typed(score)}" for value, score in rows]
    else:
        said = [
            _("from %(value)s") % {"value": value_in_words(source, low)} + f" → {typed(score)}"
            if low is not None
            else f"< {value_in_words(source, high)} → {typed(score)}"
            for low, high, score in rows
        ]
    return " · ".join(said)


def condition_in_words(row: Plain, sources: Mapping[str, Source]) -> str:
    """`CSM sentiment is below 4`: when an exception holds."""
    when = row.get("when") or {}
    name = str(when.get("measure", ""))
    source = sources.get(name)
    kind = next((it for it in ("below", "at_least", "missing") if it in when), "below")
    value = "" if kind == "missing" or not source else value_in_words(source, when.get(kind))
    words = [str(source.title) if source else name, str(CONDITIONS[kind]), value]
    return ("" if chinese() else " ").join(it for it in words if it)


def exception_in_words(row: Plain, sources: Mapping[str, Source]) -> str:
    """`CSM sentiment is below 4: at most 49, the colour changes at once`."""
    end = (
        _("at most %(score)s") % {"score": typed(row.get("cap"))}
        if row.get("cap") is not None
        else _("at least %(score)s") % {"score": typed(row.get("floor"))}
    )
    hard = _(", the colour changes at once") if row.get("hard") else ""
    joint = pgettext("between condition and effect", ": ")
    return f"{condition_in_words(row, sources)}{joint}{end}{hard}"


def sources_of(*definitions: Plain) -> dict[str, Source]:
    """The sources of the measures of some texts, by the measure's id."""
    return {
        str(row["id"]): source_of(str(row.get("source", row["id"])))
        for definition in definitions
        for row in definition.get("measures", ())
    }


def change_in_words(change: Change, sources: Mapping[str, Source]) -> tuple[str, str, str]:
    """What differs, how it was, how it is; "" where there was or is nothing."""
    source = sources.get(change.of)
    name = str(source.title) if source else change.of
    title = str(TITLES[change.what])
    if change.of and change.what not in (What.MEASURE, What.EXCEPTION):
        title = _("%(measure)s: %(field)s") % {"measure": name, "field": title}
    if change.what is What.MEASURE:
        title = _("Measure %(measure)s") % {"measure": name}
    sides = [_side(change.what, it, source, sources) for it in (change.before, change.after)]
    return title, sides[0], sides[1]


def _side(what: What, value: Any, source: Source | None, sources: Mapping[str, Source]) -> str:
    match what:
        case What.MEASURE:
            if value is None:
                return ""
            return _("weight %(weight)s") % {"weight": typed(value.get("weight"))}
        case What.EXCEPTION:
            return "" if value is None else exception_in_words(value, sources)
        case What.SCALE:
            return scale_in_words(source, *value) if source else str(value)
        case What.AUDIENCE:
            return audience_in_words(str(value))
        case What.HIERARCHY:
            return str(HIERARCHIES.get(str(value), value))
        case What.GROUP:
            return str(GROUPS.get(str(value), value))
        case What.TITLE:
            return str(value[0] if chinese() else value[1])
        case What.COVERAGE:
            return percent(value)
        case What.COLOURS:
            return _("yellow from %(yellow)s, green from %(green)s") % {
                "yellow": typed(value[0]),
                "green": typed(value[1]),
            }
        case What.VALIDITY:
            return validity_in_words(value)
        case What.OUTSIDE:
            return _("does not count") if value == "ignore" else _("counts as the end")
        case What.USAGE:
            return _("yes") if value else _("no")
        case What.ORDER:
            return " → ".join(str(it) for it in value)
        case _:
            return number(value) if isinstance(value, int) else str(value)


def validity_in_words(days: object) -> str:
    """How long a value counts."""
    if not isinstance(days, int):
        return pgettext("validity", "always")
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": number(days)}


TITLES = {
    What.TITLE: gettext_lazy("Title"),
    What.PRIORITY: gettext_lazy("Priority"),
    What.AUDIENCE: gettext_lazy("Judges"),
    What.HIERARCHY: gettext_lazy("Score of a parent"),
    What.COLOURS: gettext_lazy("Colours"),
    What.COVERAGE: gettext_lazy("Coverage needed"),
    What.MEASURE: gettext_lazy("Measure"),
    What.SOURCE: pgettext_lazy("measure", "source"),
    What.GROUP: pgettext_lazy("measure", "group"),
    What.WEIGHT: pgettext_lazy("measure", "weight"),
    What.SCALE: pgettext_lazy("measure", "scale"),
    What.OUTSIDE: pgettext_lazy("measure", "values outside the scale"),
    What.VALIDITY: pgettext_lazy("measure", "validity"),
    What.USAGE: pgettext_lazy("measure", "counts as usage"),
    What.EXCEPTION: gettext_lazy("Exception"),
    What.ORDER: gettext_lazy("Order of the exceptions"),
}
