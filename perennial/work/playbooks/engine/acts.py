"""What the machine does itself: set a field, call a webhook. Never a mail to a customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perennial.customers.actions import EDITABLE, EditConflict, edit_customer
from perennial.customers.models import Customer
from perennial.notify.actions import call_webhook
from perennial.notify.models import Topic
from perennial.notify.queries import webhooks
from perennial.work.models import Run
from perennial.work.playbooks.rules.definition import Step

TAGS = "tags"


class Failed(Exception):
    """It could not be done; `code` says why (`wording.WHY`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def set_field(run: Run, step: Step, *, at: datetime) -> Mapping[str, Any]:
    """Set one of EDITABLE as a colleague would; tags are added, or with “-” taken away."""
    if step.set_field not in EDITABLE:
        raise Failed("field_gone")
    customer = Customer.objects.get(pk=run.customer.pk)
    before = getattr(customer, step.set_field)
    after = _tagged(before, step.set_value) if step.set_field == TAGS else step.set_value
    if before != after:
        changes = {step.set_field: after}
        try:
            edit_customer(customer, changes=changes, version=customer.version, by=None, at=at)
        except EditConflict:
            raise Failed("conflict") from None
    return {"before": before, "after": after}


def _tagged(tags: list[str], value: str) -> list[str]:
    if value.startswith("-"):
        return [it for it in tags if it != value[1:]]
    return tags if value in tags else [*tags, value]


def call_out(run: Run, step: Step, *, at: datetime) -> Mapping[str, Any]:
    """Lay out a call of the webhook that the step names, or of the only one there is."""
    found = webhooks()
    channel = (found.filter(name=step.channel) if step.channel else found[:2])[:2]
    listed = list(channel)
    if len(listed) != 1:
        raise Failed("no_webhook")
    data = {
        "playbook": run.playbook.name,
        "run": run.pk,
        "step": step.id,
        "title": {"zh": step.title.zh, "en": step.title.en},
        "customer": {"id": run.customer.external_id, "name": run.customer.name},
    }
    made = call_webhook(
        listed[0],
        event="playbook.step",
        data=data,
        key=f"step-{run.pk}-{step.id}",
        topic=Topic.PLAYBOOK,
        customer_id=run.customer.pk,
        at=at,
    )
    return {"delivery": made.pk}
