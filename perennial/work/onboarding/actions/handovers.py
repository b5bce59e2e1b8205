"""Handovers (交接): written down, offered, accepted or returned. Who accepts becomes the owner of
the customer, in the same transaction; of two who accept at once, one does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from perennial.customers.audit import record_about
from perennial.customers.models import Customer
from perennial.team.access import Page, can
from perennial.team.audit import record
from perennial.team.models import Team, User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence
from perennial.work.models import Handover, Onboarding, Promise
from perennial.work.onboarding.actions.onboardings import conflict
from perennial.work.onboarding.actions.telling import tell_decided, tell_offered

MOST_PROMISES = 30
TEXT_LETTERS = 5_000
PROMISE_LETTERS = 500
_STATE = Handover.State
_FROM_SALES = (Handover.Kind.SALES_CSM, Handover.Kind.SALES_IMPLEMENTATION)


@dataclass(frozen=True, slots=True)
class Written:
    """What a handover says. `people` are primary keys of the customer's people; `promises` are
    (primary key or None for a new one, text, who promised it)."""

    kind: str
    to_user: User | None = None
    to_team: Team | None = None
    from_name: str = ""
    goals: str = ""
    expectation: str = ""
    notes: str = ""
    people: Sequence[int] = ()
    promises: Sequence[tuple[int | None, str, str]] = field(default=())


class AlreadyDecided(InputRefused):
    """Somebody else has answered it in the meantime."""

    code = "already_decided"


@transaction.atomic
def write(customer: Customer, written: Written, *, by: User | None, at: datetime) -> Handover:
    """A draft, seen by who sees the customer. Raises InputRefused, by field."""
    _check(customer, written)
    made = Handover.objects.create(customer=customer, from_user=by, made_at=at, **_fields(written))
    _keep_promises(made, written.promises)
    _line(made, "handover.written", {}, by=by, at=at)
    return made


@transaction.atomic
def rewrite(
    handover: Handover, written: Written, *, version: int, by: User | None, at: datetime
) -> Handover:
    """Change a draft, or one that was returned. Raises EditConflict, InputRefused."""
    if handover.state not in (_STATE.DRAFT, _STATE.RETURNED):
        raise InputRefused(sentence("It is offered: take it back before you change it."))
    _check(handover.customer, written)
    _move(handover, version=version, values=_fields(written))
    _keep_promises(handover, written.promises)
    _line(handover, "handover.edited", {}, by=by, at=at)
    return handover


def _fields(written: Written) -> dict[str, Any]:
    texts = {
        name: getattr(written, name).strip()[:TEXT_LETTERS]
        for name in ("goals", "expectation", "notes")
    }
    return texts | {
        "kind": written.kind,
        "to_user": written.to_user,
        "to_team": None if written.to_user else written.to_team,
        "from_name": written.from_name.strip()[:100],
        "people": list(written.people),
    }


def _check(customer: Customer, written: Written) -> None:
    if written.kind not in Handover.Kind.values:
        raise InputRefused(sentence("Choose one of the values."), column="kind")
    if written.to_user and not can(written.to_user, Page.EDIT_CUSTOMERS):
        raise InputRefused(
            sentence("{name} cannot look after customers."),
            column="to_user",
            params={"name": written.to_user.name},
        )
    if len(written.promises) > MOST_PROMISES:
        raise InputRefused(sentence("At most 30 promises."), column="promises")
    theirs = set(customer.people.values_list("pk", flat=True))
    if set(written.people) - theirs:
        raise InputRefused(sentence("These people are not this customer's."), column="people")


def _keep_promises(handover: Handover, promises: Sequence[tuple[int | None, str, str]]) -> None:
    """Rows that are gone are removed unless somebody judged them; verdicts stay."""
    kept = {pk for pk, text, _ in promises if pk and text.strip()}
    handover.promises.filter(verdict=Promise.Verdict.UNKNOWN).exclude(pk__in=kept).delete()
    for pk, text, who in promises:
        values = {"text": text.strip()[:PROMISE_LETTERS], "promised_by": who.strip()[:100]}
        if not values["text"]:
            continue
        if pk:
            handover.promises.filter(pk=pk).update(**values)
        else:
            Promise.objects.create(handover=handover, **values)


@transaction.atomic
def offer(handover: Handover, *, version: int, by: User | None, at: datetime) -> Handover:
    """Give it to the receiver, who is told. Raises InputRefused when nobody receives it, or
    goals and expectation of a sale are missing."""
    if handover.state not in (_STATE.DRAFT, _STATE.RETURNED):
        raise InputRefused(sentence("It is offered already."), code="already_offered")
    if handover.to_user is None and handover.to_team is None:
        raise InputRefused(sentence("Name who receives it: a colleague or a team."))
    is_bare = not handover.goals or not handover.expectation
    if handover.kind in _FROM_SALES and is_bare:
        raise InputRefused(
            sentence("Write down the goals and what success is for the customer first.")
        )
    values = {"state": _STATE.OFFERED, "offered_at": at, "decided_at": None, "decided_by": None}
    _move(handover, version=version, values=values)
    _line(handover, "handover.offered", _receiver(handover), by=by, at=at)
    tell_offered(handover, at=at)
    return handover


def _receiver(handover: Handover) -> dict[str, object]:
    return {"to_user": handover.to_user_id, "to_team": handover.to_team_id}


@transaction.atomic
def take_back(handover: Handover, *, version: int, by: User | None, at: datetime) -> Handover:
    """Undo the offer, as long as nobody has answered."""
    _move(handover, version=version, values={"state": _STATE.DRAFT}, state=_STATE.OFFERED)
    _line(handover, "handover.taken_back", {}, by=by, at=at)
    return handover


def may_answer(handover: Handover, user: User) -> bool:
    """The receiver, or a member of the receiving team, who may look after customers."""
    meant = handover.to_user_id == user.pk or (
        handover.to_user_id is None
        and handover.to_team_id is not None
        and handover.to_team_id == user.team_id
    )
    return handover.state == _STATE.OFFERED and meant and can(user, Page.EDIT_CUSTOMERS)


@transaction.atomic
def accept(handover: Handover, *, by: User, at: datetime) -> Handover:
    """The receiver takes the customer over. Raises AlreadyDecided when somebody was faster."""
    _must_be_meant(handover, by)
    values = {"state": _STATE.ACCEPTED, "decided_at": at, "decided_by": by, "to_user": by}
    _move(handover, version=None, values=values, state=_STATE.OFFERED)
    _take_over(handover, by=by, at=at)
    _line(handover, "handover.accepted", {"owner": by.pk}, by=by, at=at)
    tell_decided(handover, at=at)
    return handover


def _take_over(handover: Handover, *, by: User, at: datetime) -> None:
    """The customer's owner, and who brings it in; the receiver could not see it before, so this
    does not ask the gate: the offer did."""
    customer = handover.customer
    others = Customer.objects.filter(pk=customer.pk).exclude(owner=by)
    others.update(owner=by, version=F("version") + 1)
    running = Onboarding.objects.filter(customer=customer, state=Onboarding.State.RUNNING)
    running.update(owner=by, version=F("version") + 1)
    if customer.owner_id == by.pk:
        return
    record(
        "customers.assigned",
        object_type="customers",
        object_id=1,
        summary=by.name,
        detail={"owner": by.pk, "previous": {str(customer.pk): customer.owner_id}},
        by=by,
        at=at,
    )


@transaction.atomic
def give_back(handover: Handover, *, reason: str, by: User, at: datetime) -> Handover:
    """Return it with a reason; it can be offered again. Raises AlreadyDecided, InputRefused."""
    if not reason.strip():
        raise InputRefused(sentence("Returning needs a reason."), column="reason")
    _must_be_meant(handover, by)
    values = {
        "state": _STATE.RETURNED,
        "returned_reason": reason.strip()[:TEXT_LETTERS],
        "decided_at": at,
        "decided_by": by,
    }
    _move(handover, version=None, values=values, state=_STATE.OFFERED)
    _line(handover, "handover.returned", {"reason": handover.returned_reason}, by=by, at=at)
    tell_decided(handover, at=at)
    return handover


def _must_be_meant(handover: Handover, by: User) -> None:
    handover.refresh_from_db()
    if handover.state != _STATE.OFFERED:
        raise _decided(handover)
    if not may_answer(handover, by):
        raise InputRefused(sentence("Only the receiver answers it."), code="not_meant")


def missed(pk: int, user: User) -> AlreadyDecided | None:
    """Why a handover to the user's team is out of sight now: a colleague accepted it first."""
    taken = Handover.objects.filter(pk=pk, state=_STATE.ACCEPTED, to_team__isnull=False)
    found = taken.filter(to_team=user.team_id).exclude(decided_by=user).first()
    return _decided(found) if found else None


def _decided(handover: Handover) -> AlreadyDecided:
    who = handover.decided_by.name if handover.decided_by else ""
    return AlreadyDecided(
        sentence("This handover is not open any more: {state} {who}"),
        params={"state": handover.get_state_display(), "who": who},
    )


@transaction.atomic
def judge(
    promise: Promise, *, verdict: str, note: str, version: int, by: User | None, at: datetime
) -> Promise:
    """What became of a promise; unknown again takes it back. Raises EditConflict."""
    if verdict not in Promise.Verdict.values:
        raise InputRefused(sentence("Choose one of the values."), column="verdict")
    is_open = verdict == Promise.Verdict.UNKNOWN
    values = {
        "verdict": verdict,
        "note": note.strip()[:PROMISE_LETTERS],
        "judged_at": None if is_open else at,
        "judged_by": None if is_open else by,
    }
    before = promise.verdict
    found = Promise.objects.filter(pk=promise.pk, version=version)
    if not found.update(**values, version=F("version") + 1):
        raise conflict()
    promise.refresh_from_db()
    detail = {"promise": promise.pk, "verdict": [before, verdict], "text": promise.text[:120]}
    _line(promise.handover, "promise.judged", detail, by=by, at=at)
    return promise


def _move(
    handover: Handover,
    *,
    version: int | None,
    values: Mapping[str, object],
    state: str = "",
) -> None:
    """Write if nobody was faster: `state` and `version` are what it must still be."""
    found = Handover.objects.filter(pk=handover.pk)
    if version is not None:
        found = found.filter(version=version)
    if state:
        found = found.filter(state=state)
    if not found.update(**values, version=F("version") + 1):
        raise conflict()
    handover.refresh_from_db()


def _line(
    handover: Handover, action: str, detail: Mapping[str, object], *, by: User | None, at: datetime
) -> None:
    found = {"handover": handover.pk, "kind": handover.kind, **detail}
    record_about(handover.customer, action=action, detail=found, by=by, at=at)
