"""Where a segment is used: what would change its meaning if it went away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote_plus

from django.utils.translation import gettext as _

from perennial.alerts.models import OwnRule
from perennial.customers.filters import FilterRefused, parse
from perennial.customers.models import SavedView, Segment
from perennial.customers.segments.reading import segments_in
from perennial.health.models import ProfileVersion
from perennial.metrics.models import Goal
from perennial.web.formats import named
from perennial.work.models import PlaybookVersion


def uses() -> dict[str, list[str]]:
    """By segment, what is made with it, in words: segments, profiles, rules, goals, playbooks."""
    found: dict[str, set[str]] = {}
    for text, what in _texts():
        for name in _read(text):
            found.setdefault(name, set()).add(what)
    return {name: sorted(words) for name, words in found.items()}


def _read(text: str) -> set[str]:
    try:
        return segments_in(parse(text))
    except FilterRefused:
        return set()


def _texts() -> Iterator[tuple[str, str]]:
    """Every kept filter, and what it belongs to."""
    for it in Segment.objects.all():
        title = named(it.title_zh, it.title_en)
        told = _("segment “%(title)s”") % {"title": title} if it.shared else _("a private segment")
        yield it.filter, told
    profiles = ProfileVersion.objects.values_list("name", "definition")
    for name, definition in profiles:
        yield str(definition.get("audience", "")), _("health profile %(name)s") % {"name": name}
    for rule in OwnRule.objects.all():
        for text in (rule.enter, rule.leave):
            yield text, _("alert rule “%(title)s”") % {"title": named(rule.title_zh, rule.title_en)}
    for name, text in Goal.objects.values_list("name", "segment"):
        yield text, _("goal %(name)s") % {"name": name}
    for query in SavedView.objects.values_list("query", flat=True):
        for part in query.split("&"):
            key, _sign, text = part.partition("=")
            if key == "filter":
                yield unquote_plus(text), _("a saved view")
    yield from _of_playbooks()


def _of_playbooks() -> Iterator[tuple[str, str]]:
    """Playbooks name filters in several places: every text of theirs is tried."""
    rows = PlaybookVersion.objects.values_list("playbook__name", "definition")
    for name, definition in rows:
        for text in _strings(json.loads(json.dumps(definition))):
            if text.startswith("1;"):
                yield text, _("playbook %(name)s") % {"name": name}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
