"""Audit lines about customers in words: what changed, from what to what."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from perennial.customers.models import BuyingRole, Fit, Proposal, Sentiment, Stage
from perennial.health.models import Said
from perennial.team.models import AuditEntry
from perennial.work.plans.wording import ACTS as PLAN_ACTS

ACTIONS: dict[str, Promise] = {
    "customer.edited": gettext_lazy("Customer changed"),
    "customer.merged": gettext_lazy("Customer merged"),
    "customer.merge_undone": gettext_lazy("Merge undone"),
    "customer.made_from_events": gettext_lazy("Customer made from events"),
    "customer.filled_from_events": gettext_lazy("Customer completed from events"),
    "person.filled_from_events": gettext_lazy("Person completed from events"),
    "customer.parent_set": gettext_lazy("Parent company set"),
    "customer.linked": gettext_lazy("Business link added"),
    "customer.unlinked": gettext_lazy("Business link removed"),
    "customer.silence_explained": gettext_lazy("Reason of silence"),
    "person.added": gettext_lazy("Person added"),
    "person.edited": gettext_lazy("Person changed"),
    "person.left": gettext_lazy("Person left"),
    "person.returned": gettext_lazy("Person is back"),
    "assessment.made": gettext_lazy("Assessment made"),
    "assessment.taken_back": gettext_lazy("Assessment taken back"),
    "assessment.put_back": gettext_lazy("Assessment put back"),
    "offer.proposed": gettext_lazy("Offer proposed"),
    "offer.followed": gettext_lazy("Offer followed"),
    "offer.withdrawn": gettext_lazy("Offer taken back"),
    "diagnosis.made": gettext_lazy("Diagnosis made"),
    "diagnosis.result": gettext_lazy("Result of a diagnosis"),
    "diagnosis.withdrawn": gettext_lazy("Diagnosis taken back"),
    "person.undone": gettext_lazy("Change of a person taken back"),
    "class.overridden": gettext_lazy("Tier, fit or stage held by hand"),
    "class.override_withdrawn": gettext_lazy("Hold by hand withdrawn"),
    "fit.said": gettext_lazy("Fit judged by the CSM"),
    "playbook.started": gettext_lazy("Playbook started"),
    "playbook.stopped": gettext_lazy("Playbook stopped"),
    "playbook.step_done": gettext_lazy("Step of a playbook done"),
    "playbook.step_skipped": gettext_lazy("Step of a playbook left out"),
    "touch.logged": gettext_lazy("Touch logged"),
    "touch.edited": gettext_lazy("Touch changed"),
    "touch.removed": gettext_lazy("Touch taken back"),
    "comment.added": gettext_lazy("Comment"),
    "comment.edited": gettext_lazy("Comment changed"),
    "comment.removed": gettext_lazy("Comment removed"),
    "comment.restored": gettext_lazy("Comment brought back"),
    "file.attached": gettext_lazy("File attached"),
    "file.removed": gettext_lazy("File removed"),
    "file.restored": gettext_lazy("File brought back"),
    "onboarding.started": gettext_lazy("Onboarding begun"),
    "onboarding.edited": gettext_lazy("Who brings it in changed"),
    "onboarding.stopped": gettext_lazy("Onboarding stopped"),
    "onboarding.resumed": gettext_lazy("Onboarding goes on"),
    "milestone.reached": gettext_lazy("Milestone reached"),
    "milestone.taken_back": gettext_lazy("Milestone taken back"),
    "handover.written": gettext_lazy("Handover written"),
    "handover.edited": gettext_lazy("Handover changed"),
    "handover.offered": gettext_lazy("Handover offered"),
    "handover.taken_back": gettext_lazy("Handover taken back"),
    "handover.accepted": gettext_lazy("Handover accepted"),
    "handover.returned": gettext_lazy("Handover returned"),
    "promise.judged": gettext_lazy("Promise judged"),
    "project.begun": gettext_lazy("Delivery project begun"),
    "project.edited": gettext_lazy("Delivery project changed"),
    "project.phase_set": gettext_lazy("Phase of a delivery written down"),
    "project.stopped": gettext_lazy("Project stopped"),
    "project.resumed": gettext_lazy("Project goes on"),
    "health.overridden": gettext_lazy("Score overridden"),
    "health.override_withdrawn": gettext_lazy("Override withdrawn"),
    "health.said": gettext_lazy("What data cannot see"),
    **PLAN_ACTS,
}
FIELDS: dict[str, Promise] = {
    "name": gettext_lazy("Name"),
    "name_en": gettext_lazy("English name"),
    "industry": gettext_lazy("Industry"),
    "region": gettext_lazy("Region"),
    "size": gettext_lazy("Size"),
    "website": gettext_lazy("Website"),
    "tier": gettext_lazy("Tier"),
    "stage": gettext_lazy("Stage"),
    "fit": pgettext_lazy("target customer", "Fit"),
    "tags": gettext_lazy("Tags"),
    "role": gettext_lazy("Role"),
    "grade": gettext_lazy("Grade"),
    "sentiment": gettext_lazy("Mood"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "buying_role": gettext_lazy("Buying role"),
    "reports_to": gettext_lazy("Reports to"),
    "personal_needs": gettext_lazy("Personal needs"),
    "company_needs": gettext_lazy("Company's needs"),
    "to_on": gettext_lazy("Left on"),
    "left_to": gettext_lazy("Where to"),
    "offer_state": gettext_lazy("State of the offer"),
    "result": gettext_lazy("Result"),
}
CHOICES: dict[str, type[TextChoices]] = {
    "stage": Stage,
    "fit": Fit,
    "sentiment": Sentiment,
    "buying_role": BuyingRole,
    "offer_state": Proposal.State,
}
SAID = ("measure", "score", "value", "reason", "expectations", "evidence")


def told(line: AuditEntry) -> tuple[str, str]:
    """Title and text of a line; an unknown action shows its code and summary."""
    title = str(ACTIONS.get(line.action, line.action))
    changes = [
        _("%(field)s: %(before)s → %(after)s")
        % {
            "field": FIELDS.get(name, name),
            "before": _value(name, change[0]),
            "after": _value(name, change[1]),
        }
        for name, change in line.detail.items()
        if isinstance(change, list) and len(change) == 2
    ]
    person = line.summary if line.action.startswith("person.") else ""
    return title, " · ".join(filter(None, [person, *changes, *_said(line)])) or line.summary


def _value(name: str, value: object) -> str:
    """A value as pages show it; a choice by its label."""
    labels = dict(CHOICES[name].choices) if name in CHOICES else {}
    return str(labels.get(str(value), value) or "–")


def _said(line: AuditEntry) -> Iterator[str]:
    """What somebody put down, in the order in which one tells it."""
    for name in SAID:
        value = line.detail.get(name)
        if isinstance(value, str | int) and value != "":
            labels = dict(Said.choices) if name == "measure" else dict(Fit.choices)
            yield str(labels.get(str(value), value))
