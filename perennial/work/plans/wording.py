"""Plans and touchpoints in words: values with their units, how a goal stands and why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from perennial.health.queries.sources import source_of
from perennial.team.models import AuditEntry
from perennial.web import formats
from perennial.work.models import Goal, Touchpoint
from perennial.work.plans.rules.progress import Progress, Standing, Why
from perennial.work.plans.rules.touchpoints import Anchor

STANDINGS: Mapping[str, Promise] = {
    Standing.REACHED: pgettext_lazy("goal", "reached"),
    Standing.ON_TRACK: pgettext_lazy("goal", "on track"),
    Standing.BEHIND: pgettext_lazy("goal", "behind"),
    Standing.UNKNOWN: pgettext_lazy("goal", "not known"),
}
TONES: Mapping[str, str] = {
    Standing.REACHED: "good",
    Standing.ON_TRACK: "cool",
    Standing.BEHIND: "bad",
    Standing.UNKNOWN: "na",
}
STATE_TONES = {
    "draft": "na", "active": "cool", "reached": "good", "missed": "bad", "stopped": "na",
    "planned": "cool", "done": "good", "skipped": "na",
}  # fmt: skip
ANCHORS: Mapping[str, Promise] = {
    Anchor.START: gettext_lazy("days after the start of service"),
    Anchor.RENEWAL: gettext_lazy("days before the renewal"),
    Anchor.EVERY: gettext_lazy("days, again and again"),
}
KIND_ICONS = {
    "kickoff": "flag", "discovery": "search", "delivery": "checklist", "trial": "activity",
    "review": "chart-bar", "renewal": "refresh", "own": "calendar",
}  # fmt: skip
ACTS: Mapping[str, Promise] = {
    "plan.made": gettext_lazy("Plan made"),
    "plan.copied": gettext_lazy("Copied from another plan"),
    "plan.edited": gettext_lazy("Plan changed"),
    "plan.judged": gettext_lazy("Target customer judged"),
    "plan.state": gettext_lazy("State changed"),
    "plan.goal_added": gettext_lazy("Goal added"),
    "plan.goal_edited": gettext_lazy("Goal changed"),
    "plan.goal_removed": gettext_lazy("Goal removed"),
    "plan.goal_read": gettext_lazy("Value written down"),
    "plan.action_added": gettext_lazy("Joint action added"),
    "plan.action_edited": gettext_lazy("Joint action changed"),
    "plan.action_done": gettext_lazy("Joint action done"),
    "plan.action_open": gettext_lazy("Joint action open again"),
    "plan.action_removed": gettext_lazy("Joint action removed"),
    "plan.strategy_set": gettext_lazy("Strategy written"),
    "plan.strategy_removed": gettext_lazy("Strategy removed"),
    "plan.shared": gettext_lazy("Shared with the customer"),
    "plan.unshared": gettext_lazy("Link revoked"),
    "plan.customer_said": gettext_lazy("The customer wrote"),
    "plan.answered": gettext_lazy("Answered the customer"),
    "plan.undone": gettext_lazy("Undone"),
    "touchpoint.added": gettext_lazy("Touchpoint added"),
    "touchpoint.moved": gettext_lazy("Touchpoint moved"),
    "touchpoint.skipped": gettext_lazy("Touchpoint skipped"),
    "touchpoint.done": gettext_lazy("Touchpoint held"),
    "touchpoint.open": gettext_lazy("Touchpoint open again"),
    "work_definition.published": gettext_lazy("Template published"),
    "work_definition.retired": gettext_lazy("Template retired"),
}
FIELDS: Mapping[str, Promise] = {
    "title": gettext_lazy("Title"),
    "starts_on": pgettext_lazy("plan", "Starts on"),
    "ends_on": pgettext_lazy("plan", "Ends on"),
    "due_on": pgettext_lazy("plan", "Due on"),
    "success_words": gettext_lazy("What success is, in the customer's words"),
    "expectation_gap": gettext_lazy("Expectation gap"),
    "judgement": gettext_lazy("Why"),
    "state": gettext_lazy("State"),
    "baseline": pgettext_lazy("goal", "Baseline"),
    "target": pgettext_lazy("goal", "Target"),
    "value": gettext_lazy("Value"),
    "reason": gettext_lazy("Reason"),
    "wants": gettext_lazy("What they want"),
    "approach": gettext_lazy("How we go about it"),
    "is_shared": gettext_lazy("The customer sees it"),
}


def in_language(words: str | Mapping[str, str]) -> str:
    """A text that may stand in both languages, in the reader's."""
    if isinstance(words, str):
        return words
    return words["zh" if (get_language() or "").startswith("zh") else "en"]


@cache
def kind_titles() -> dict[str, dict[str, str]]:
    """Kinds of touchpoints in both languages."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in Touchpoint.Kind.values}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            for kind, label in Touchpoint.Kind.choices:
                found[kind][code[:2]] = str(label)
    return found


def source_title(goal: Goal) -> str:
    """Where the value comes from."""
    return str(source_of(goal.metric).title) if goal.metric else _("the customer's own figures")


def in_percent(goal: Goal) -> bool:
    return bool(goal.metric) and source_of(goal.metric).in_percent


def value(goal: Goal, amount: float | None, *, unit: bool = True) -> str:
    """A value of a goal with its unit; unknown is a dash."""
    if amount is None:
        return formats.UNKNOWN
    if in_percent(goal):
        return formats.percent(amount)
    text = formats.number(amount, decimals=0 if float(amount).is_integer() else 1)
    if not unit or not goal.unit:
        return text
    gap = "" if goal.unit == "%" else " "
    return f"{text}{gap}{goal.unit}"


def why(goal: Goal, found: Progress) -> str:
    """The reason of a standing, one sentence."""
    target = value(goal, goal.target)
    match found.why:
        case Why.AT_TARGET:
            return _("the target of %(target)s is reached") % {"target": target}
        case Why.PAST_DUE:
            return _("due on %(date)s, and the target of %(target)s is not reached") % {
                "date": formats.day(goal.due_on or goal.plan.ends_on),
                "target": target,
            }
        case Why.WORSE:
            return _("further from the target than at the start")
        case Why.NO_BASELINE:
            return _("the plan has not begun, or had no value to start from")
        case Why.NO_VALUE:
            if goal.metric:
                return _(goal.current_why) if goal.current_why else _("not measured yet")
            return _("nobody has written a value down yet")
        case Why.SLOW | Why.IN_TIME:
            if found.expected_score is None:
                return _("no day is set for it")
            words = {
                "percent": formats.percent((found.score or 0) / 100),
                "expected": formats.percent(found.expected_score / 100),
            }
            return _("%(percent)s of the way in %(expected)s of the time") % words


def changes_of(line: AuditEntry) -> list[str]:
    """What a line of a plan's history changed, field by field."""
    before, after = line.detail.get("before"), line.detail.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [
        _("%(field)s: %(before)s → %(after)s")
        % {
            "field": FIELDS[name],
            "before": _short(before.get(name)),
            "after": _short(after.get(name)),
        }
        for name in FIELDS
        if name in after
    ]


def _short(told: object) -> str:
    if isinstance(told, bool):
        return _("yes") if told else _("no")
    text = formats.UNKNOWN if told in (None, "") else str(told)
    return text if len(text) <= 60 else f"{text[:60]}…"
