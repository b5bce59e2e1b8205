"""Why it is so, in words: how a step or a run ended, and what a kind of step asks of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from perennial.work.models import Run
from perennial.work.playbooks.rules.definition import EXIT, Definition, StepKind
from perennial.work.playbooks.wording import told

WHY: Final[Mapping[str, Promise]] = {
    "passed": gettext_lazy("not on the way that was taken"),
    "condition": gettext_lazy("its condition did not hold"),
    "person": gettext_lazy("left out by a colleague"),
    "time_over": gettext_lazy("its time was over"),
    "no_renewal": gettext_lazy("there is no renewal date"),
    "run_ended": gettext_lazy("the playbook ended before"),
    "metric_gone": gettext_lazy("its metric does not exist any more: decide by hand"),
    "condition_gone": gettext_lazy("its condition cannot be read any more: decide by hand"),
    "field_gone": gettext_lazy("its field cannot be set"),
    "conflict": gettext_lazy("somebody changed the customer at the same moment"),
    "no_webhook": gettext_lazy("no such webhook is set up: ask an administrator"),
    "runs_already": gettext_lazy("that playbook is running at this customer already"),
    "no_playbook": gettext_lazy("that playbook is retired or gone"),
}
STOPPED: Final[Mapping[str, Promise]] = {
    "parent_ended": gettext_lazy("the playbook that started it ended"),
    "enrolment_undone": gettext_lazy("its enrolment was undone"),
}
# What the reader of a call to action must know of its kind.
NOTES: Final[Mapping[str, Promise]] = {
    StepKind.EMAIL: gettext_lazy("A draft: read it, make it yours, and send it from your mail."),
    StepKind.IN_APP: gettext_lazy(
        "Perennial shows no messages inside your product yet: publish this text there yourself."
    ),
    StepKind.SURVEY: gettext_lazy(
        "Perennial sends no surveys yet: ask these questions with your own tool or by phone."
    ),
}


def end_reason(run: Run, definition: Definition) -> str:
    """Why a run ended: the rule that it met, a colleague's words, or nothing to say."""
    reason = run.end_reason
    if reason.startswith(EXIT):
        place = int(reason.removeprefix(EXIT))
        return told(definition.exits[place].reason)
    return str(STOPPED.get(reason, reason))
