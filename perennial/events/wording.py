"""What intake remembers as codes, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from perennial.events.queries.intake import IntakeState
from perennial.events.queries.quality import Feed
from perennial.events.rules.clock import Clock
from perennial.events.rules.feed import FeedState, Hours
from perennial.events.rules.kinds import Attribution
from perennial.events.rules.reasons import SENTENCES, Reason
from perennial.web import formats

STATES: Final[Mapping[FeedState, tuple[str | Promise, str]]] = {  # word and tone
    FeedState.FRESH: (pgettext_lazy("feed", "Receiving"), "good"),
    FeedState.LATE: (pgettext_lazy("feed", "Late"), "warn"),
    FeedState.SILENT: (pgettext_lazy("feed", "Silent"), "bad"),
    FeedState.NEVER: (pgettext_lazy("feed", "Nothing yet"), "na"),
    FeedState.REPLACED: (pgettext_lazy("feed", "Replaced"), "na"),
    FeedState.RETIRED: (pgettext_lazy("feed", "Retired"), "na"),
}


class _Gaps(dict[str, Any]):
    """A gap that an older reject does not fill stays open instead of failing."""

    def __missing__(self, name: str) -> str:
        return "…"


def reason_sentence(code: str, params: Mapping[str, Any]) -> str:
    """Why an item was refused; a code of another version stands for itself."""
    if code not in set(Reason):
        return code
    return gettext(SENTENCES[Reason(code)]).format_map(_Gaps(params))


def duration(time: timedelta | None) -> str:
    """How long, in the largest unit that says it: 12 s, 5 min, 3 h, 2 d."""
    if time is None:
        return formats.UNKNOWN
    seconds = max(0, round(time.total_seconds()))
    if seconds < 120:
        return ngettext("%(count)d s", "%(count)d s", seconds) % {"count": seconds}
    if seconds < 120 * 60:
        minutes = round(seconds / 60)
        return ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes}
    if seconds < 48 * 3600:
        hours = round(seconds / 3600)
        return ngettext("%(count)d h", "%(count)d h", hours) % {"count": hours}
    days = round(seconds / 86400)
    return ngettext("%(count)d d", "%(count)d d", days) % {"count": days}


ACTIONS: Final[Mapping[str, str | Promise]] = {
    "source_added": gettext_lazy("Added"),
    "source_changed": gettext_lazy("Settings changed"),
    "source_key_rotated": gettext_lazy("New key"),
    "source_key_revoked": gettext_lazy("Key revoked"),
    "source_retired": gettext_lazy("Retired for ever"),
}


def audit_line(action: str, detail: Mapping[str, Any]) -> str:
    """What was done to a source, with the key's last characters or the settings concerned."""
    said = str(ACTIONS.get(action, action))
    if "key" in detail:
        return f"{said} …{detail['key']}"
    if action == "source_changed":
        changes = (f"{name}: {before} → {after}" for name, (before, after) in detail.items())
        return f"{said} ({'; '.join(changes)})"
    return said


class Told(NamedTuple):
    """A reason for the list: in a few words, and what to do about it."""

    title: str | Promise
    advice: str | Promise


_FIX = gettext_lazy("Mend the call that sends it, then send these again from the client.")
REASONS: Final[Mapping[str, Told]] = {
    Reason.BROKEN: Told(gettext_lazy("Not readable as JSON"), _FIX),
    Reason.NOT_AN_OBJECT: Told(gettext_lazy("Not a JSON object"), _FIX),
    Reason.TOO_LARGE: Told(
        gettext_lazy("Too large"),
        gettext_lazy(
            "Raise the limit in the settings of the source and replay those that are "
            "whole, or send less: documents and pictures do not belong into events."
        ),
    ),
    Reason.TOO_DEEP: Told(gettext_lazy("Nested too deep"), _FIX),
    Reason.BAD_TEXT: Told(gettext_lazy("Broken text"), _FIX),
    Reason.WRONG_TYPE: Told(gettext_lazy("Wrong type"), _FIX),
    Reason.TOO_LONG: Told(
        gettext_lazy("Id or name too long"),
        gettext_lazy("Put an id or a name there; long texts belong into the properties."),
    ),
    Reason.NO_TYPE: Told(gettext_lazy("No type"), _FIX),
    Reason.UNKNOWN_TYPE: Told(
        gettext_lazy("Unknown type"),
        gettext_lazy("Known are track, page, screen, identify, group and alias."),
    ),
    Reason.NO_EVENT: Told(gettext_lazy("No event name"), _FIX),
    Reason.NO_ID: Told(
        gettext_lazy("Neither person nor customer"),
        gettext_lazy("Send a userId or an anonymousId with every call; most clients do."),
    ),
    Reason.NO_GROUP: Told(gettext_lazy("No groupId"), _FIX),
    Reason.NO_PREVIOUS: Told(gettext_lazy("Alias with one id only"), _FIX),
    Reason.BAD_TIMESTAMP: Told(
        gettext_lazy("Unreadable timestamp"),
        gettext_lazy("Send ISO 8601 with its offset, such as 2026-07-01T09:00:00+08:00."),
    ),
    Reason.ERASED: Told(
        gettext_lazy("Person was erased"),
        gettext_lazy("Nothing to do: the person asked to be forgotten. Stop sending them."),
    ),
    "foreign_key": Told(
        gettext_lazy("Key of another source inside"),
        gettext_lazy("An item names a write key of its own that is unknown, or another source's."),
    ),
}


def reason_told(code: str) -> Told:
    """A code of another version stands for itself."""
    return REASONS.get(code, Told(code, ""))


ATTRIBUTIONS: Final[Mapping[str, str | Promise]] = {
    Attribution.EXPLICIT: gettext_lazy("named by the event"),
    Attribution.CONTEXT: gettext_lazy("by its context"),
    Attribution.MEMBERSHIP: gettext_lazy("by the person's last group"),
    Attribution.NONE: gettext_lazy("not attributed yet"),
}
ARRIVED: Final[Mapping[str, tuple[str | Promise, str]]] = {  # word and tone
    "waiting": (pgettext_lazy("arrived event", "waiting"), "cool"),
    "stored": (pgettext_lazy("arrived event", "stored"), "good"),
    "copy": (pgettext_lazy("arrived event", "copy"), ""),
    "rejected": (pgettext_lazy("arrived event", "rejected"), "bad"),
}
CLOCKS: Final[Mapping[str, str | Promise]] = {
    Clock.CORRECTED: gettext_lazy("clock corrected"),
    Clock.CLAMPED: gettext_lazy("was in the future"),
}


def pretty_body(text: str) -> str:
    """A refused item, indented where it can be read."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def feed_reason(state: FeedState, feed: Feed | None, live: Hours | None) -> str:
    """Why a feed is judged as it is, in one sentence; nothing where the state says it all."""
    if state is FeedState.SILENT and live:
        quiet = {"quiet": duration(live.quiet), "expected": _count(live.expected)}
        if live.expected is None:
            return gettext("Nothing for %(quiet)s.") % quiet
        return gettext("Nothing for %(quiet)s; about %(expected)s events were usual.") % quiet
    if state is FeedState.LATE and live:
        quiet = {"quiet": duration(live.quiet), "expected": _count(live.expected)}
        return gettext("Quiet for %(quiet)s; about %(expected)s events were usual.") % quiet
    if state in (FeedState.SILENT, FeedState.LATE) and feed:
        days = {"count": feed.missing_days, "day": formats.day(feed.covered_until)}
        return (
            ngettext(
                "%(count)d day is missing; covered until %(day)s.",
                "%(count)d days are missing; covered until %(day)s.",
                feed.missing_days,
            )
            % days
        )
    if state is FeedState.REPLACED:
        return gettext("A newer source brings what it brought.")
    return ""


def _count(expected: float | None) -> str:
    return formats.number(round(expected)) if expected is not None else formats.UNKNOWN


def backlog(state: IntakeState, *, now: datetime) -> str:
    """Why what was accepted is not loaded; nothing while it is, within a minute."""
    since = state.oldest_waiting_at
    if not since or now - since < timedelta(minutes=1):
        return ""
    if state.fault:
        reason = gettext(state.fault).format_map(_Gaps(state.fault_params))
        return gettext("Loading fails, and is tried again; nothing is lost: %(reason)s") % {
            "reason": reason
        }
    return gettext(
        "Accepted events have waited for %(time)s. Nothing is lost; is the worker running?"
    ) % {"time": duration(now - since)}
