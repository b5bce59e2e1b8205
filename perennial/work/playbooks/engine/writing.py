"""Writes down what a turn changed: calls to action first, then steps, then runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Model

from perennial.customers.models import Person
from perennial.work.models import Outcome, Reason, Run, State, StepRun, Type, WorkItem
from perennial.work.playbooks.engine.situation import Situation
from perennial.work.playbooks.owners import Owners
from perennial.work.playbooks.rules.definition import Anchor, Definition, Step, StepKind, Words

if TYPE_CHECKING:
    from perennial.work.actions.making import Wanted

BATCH: Final = 500
STEP_COLUMNS: Final = (
    *("state", "starts_on", "due_on", "owner", "item", "outcome", "note"),
    *("done_on", "done_at", "by", "by_data", "result"),
)
RUN_COLUMNS: Final = ("state", "ended_on", "ended_at", "end_reason", "edits")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a step speaks to: the best-graded person in place."""

    name: str
    email: str


NOBODY: Final = Contact("", "")


def write(situations: Sequence[Situation], *, on: date, by: Any, at: datetime) -> None:
    """Inside the transaction of whoever moves the runs."""
    _open_items([it for it in situations if it.opening], by=by, at=at)
    rows = [it.steps[name] for it in situations for name in it.changed]
    fresh, known = [it for it in rows if it.pk is None], [it for it in rows if it.pk is not None]
    StepRun.objects.bulk_create(fresh, batch_size=BATCH)
    _save(known, STEP_COLUMNS)
    _close_items([pk for it in situations for pk in it.closing], on=on, at=at)
    ended = [it.run for it in situations if it.has_ended]
    for run in ended:
        run.edits += 1
    _save(ended, RUN_COLUMNS)


def _save(rows: Sequence[Model], columns: Sequence[str]) -> None:
    """An upsert by key: one statement for hundreds of rows, where bulk_update takes seconds."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=list(columns),
        )


def _open_items(situations: Sequence[Situation], *, by: Any, at: datetime) -> None:
    if not situations:
        return
    from perennial.work.actions.making import make_items  # it tells playbooks of closed items

    customers = {it.run.customer.pk for it in situations}
    owners, contacts = Owners(customers), contacts_of(customers)
    wanted: list[Wanted] = []
    rows: list[StepRun] = []
    details: list[dict[str, Any]] = []
    for it in situations:
        contact = contacts.get(it.run.customer.pk, NOBODY)
        for name, result in it.opening.items():
            step = it.definition.step(name)
            assert step is not None, name
            row = it.row(step)
            chosen = owners.choose(it.run, step)
            row.owner = chosen.owner
            if chosen.fell_back:
                row.result = {**result, "fell_back": step.owner}
            title, text = (filled(words, it.run, contact) for words in (step.title, step.text))
            rows.append(row)
            details.append(_params(it, step, title, text, contact))
            wanted.append(_wanted(it, step, row, title=title.zh, text=text.zh))
    items = make_items(wanted, by=by, at=at)
    for item, row, params in zip(items, rows, details, strict=True):
        item.params, item.owner, row.item = params, row.owner, item
    _save(items, ("params", "owner"))


def _wanted(it: Situation, step: Step, row: StepRun, *, title: str, text: str) -> Wanted:
    from perennial.work.actions.making import Wanted

    return Wanted(
        it.run.customer,
        title=title[:200],
        text=text,
        type=type_of(it.definition, step),
        reason=Reason.STEP,
        due_on=row.due_on,
        about=f"step-{it.run.pk}-{step.id}",
    )


def type_of(definition: Definition, step: Step) -> Type:
    """A step before the renewal is renewal work; of a playbook for an alert it is risk."""
    if any(it.start.anchor is Anchor.RENEWAL for it in (step, definition.steps[0])):
        return Type.RENEWAL
    return Type.RISK if definition.trigger.startswith("alert:") else Type.LIFECYCLE


def _params(
    it: Situation, step: Step, title: Words, text: Words, contact: Contact
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": {"zh": title.zh[:200], "en": title.en[:200]},
        "text": {"zh": text.zh, "en": text.en},
        "run": it.run.pk,
        "step": step.id,
        "kind": step.kind.value,
    }
    if step.kind is StepKind.EMAIL:
        found["mailto"] = contact.email
    return found


def filled(words: Words, run: Run, contact: Contact) -> Words:
    """A text with the names that it speaks of: {customer}, {contact} and {csm}."""
    owner = run.customer.owner

    def told(text: str, *, nobody: str, us: str) -> str:
        return (
            text.replace("{customer}", run.customer.name)
            .replace("{contact}", contact.name or nobody)
            .replace("{csm}", owner.name if owner else us)
        )

    return Words(
        told(words.zh, nobody="对方负责人", us="我们"),
        told(words.en, nobody="your contact there", us="us"),
    )


def contacts_of(customers: set[int]) -> dict[int, Contact]:
    """The best-graded people in place, those with an address first."""
    rows = Person.objects.filter(customer__in=customers, to_on__isnull=True)
    found: dict[int, tuple[tuple[Any, ...], Contact]] = {}
    for pk, customer, name, grade, email in rows.values_list(
        "pk", "customer_id", "name", "grade", "email"
    ):
        rank = ("SAB".find(grade) if grade else 9, not email, pk)
        if customer not in found or rank < found[customer][0]:
            found[customer] = rank, Contact(name, email)
    return {pk: contact for pk, (_rank, contact) in found.items()}


def _close_items(items: Sequence[int], *, on: date, at: datetime) -> None:
    """Their step ended without a person; what somebody closed already stays."""
    WorkItem.objects.filter(pk__in=items).exclude(state=State.DONE).update(
        state=State.DONE,
        outcome=Outcome.AUTO_RESOLVED,
        snoozed_until=None,
        closed_on=on,
        closed_at=at,
        undo={},
        version=F("version") + 1,
    )
