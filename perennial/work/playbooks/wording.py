"""Playbooks in words: kinds, owners, and when a step starts and is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from perennial.health.wording import measure_title
from perennial.team.models import Role
from perennial.web.formats import number
from perennial.work.playbooks.rules.completion import read
from perennial.work.playbooks.rules.definition import (
    Anchor,
    Definition,
    OwnerRule,
    Step,
    StepKind,
    Words,
)

KIND_TITLES: Final[dict[StepKind, Promise]] = {
    StepKind.TASK: pgettext_lazy("step", "Task"),
    StepKind.CALL: pgettext_lazy("step", "Call"),
    StepKind.EMAIL: pgettext_lazy("step", "E-mail"),
    StepKind.IN_APP: pgettext_lazy("step", "In-app message"),
    StepKind.SURVEY: pgettext_lazy("step", "Survey"),
    StepKind.FIELD_UPDATE: pgettext_lazy("step", "Set a field"),
    StepKind.WEBHOOK: pgettext_lazy("step", "Webhook"),
    StepKind.WAIT: pgettext_lazy("step", "Wait"),
    StepKind.DECISION: pgettext_lazy("step", "Decision"),
    StepKind.SUB_PLAYBOOK: pgettext_lazy("step", "Another playbook"),
}
KIND_ICONS: Final[dict[StepKind, str]] = {
    StepKind.TASK: "checklist",
    StepKind.CALL: "phone",
    StepKind.EMAIL: "mail",
    StepKind.IN_APP: "message",
    StepKind.SURVEY: "message-2-star",
    StepKind.FIELD_UPDATE: "pencil",
    StepKind.WEBHOOK: "plug-connected",
    StepKind.WAIT: "clock",
    StepKind.DECISION: "git-branch",
    StepKind.SUB_PLAYBOOK: "list-check",
}
OWNER_TITLES: Final[dict[OwnerRule, Promise]] = {
    OwnerRule.CSM: gettext_lazy("The customer's CSM"),
    OwnerRule.CREATOR: gettext_lazy("Whoever started it"),
    OwnerRule.PERSON: gettext_lazy("A colleague"),
    OwnerRule.ROLE: gettext_lazy("Somebody of a role"),
    OwnerRule.ROBIN: gettext_lazy("A team, in turn"),
}
ANCHORS: Final[dict[Anchor, Promise]] = {
    Anchor.PREVIOUS: gettext_lazy("after the previous step"),
    Anchor.ENROLMENT: gettext_lazy("from the enrolment"),
    Anchor.RENEWAL: gettext_lazy("from the renewal date"),
}


def told(words: Words | Mapping[str, str]) -> str:
    """A text of a definition in the reader's language; the other one when this is empty."""
    both = words if isinstance(words, Mapping) else {"zh": words.zh, "en": words.en}
    code = (get_language() or "en")[:2]
    return both.get(code) or both.get("en") or both.get("zh") or ""


def title(named: Definition | Step) -> str:
    return told(named.title) or named_by(named)


def named_by(named: Definition | Step) -> str:
    return named.name if isinstance(named, Definition) else named.id


def starts(step: Step, definition: Definition) -> str:
    """When a step starts: “2 working days after the previous step”."""
    size = abs(step.start.days)
    if step.start.anchor is Anchor.RENEWAL:
        if not step.start.days:
            return _("on the renewal date")
        if step.start.days < 0:
            return _("%(days)s before the renewal") % {"days": span(size, step.start.working)}
        return _("%(days)s after the renewal") % {"days": span(size, step.start.working)}
    if step.start.anchor is Anchor.ENROLMENT:
        if not size:
            return _("at the enrolment")
        return _("%(days)s after the enrolment") % {"days": span(size, step.start.working)}
    before = definition.step(step.start.step) if step.start.anchor is Anchor.STEP else None
    name = _("“%(step)s”") % {"step": title(before)} if before else _("the previous step")
    if not size:
        return _("at once after %(step)s") % {"step": name}
    return _("%(days)s after %(step)s") % {"days": span(size, step.start.working), "step": name}


def due(step: Step) -> str:
    """How long it has; empty without a day."""
    if step.due is None:
        return ""
    if not step.due.days:
        return _("due the same day")
    return _("due within %(days)s") % {"days": span(step.due.days, step.due.working)}


def span(days: int, working: bool) -> str:
    if working:
        text = ngettext("%(n)s working day", "%(n)s working days", days)
    else:
        text = ngettext("%(n)s day", "%(n)s days", days)
    return text % {"n": number(days)}


def completion(step: Step) -> str:
    """What ends it by itself: “Use against the time before ≥ −10%”, or the event."""
    asked = read(step.done_when)
    if asked is None:
        return step.done_when
    if asked.event:
        return _("event %(name)s") % {"name": asked.event}
    sign = "≥" if asked.at_least else "≤"
    digits = 0 if asked.bound.is_integer() else 2
    return f"{measure_title(asked.source)} {sign} {number(asked.bound, decimals=digits)}"


def owner(step: Step) -> str:
    """Who does it: “A team, in turn: Rollout”."""
    rule = str(OWNER_TITLES[step.owner_rule])
    if not step.owner_name:
        return rule
    name = step.owner_name
    if step.owner_rule is OwnerRule.ROLE and name in Role.values:
        return str(Role(name).label)
    return pgettext("owner", "%(rule)s: %(name)s") % {"rule": rule, "name": name}
