"""Who may enter a playbook now, and who matches it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q

from perennial.alerts.models import Alert, Rule
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.health.inputs import served
from perennial.team.models import User
from perennial.work.models import PlaybookVersion, Run
from perennial.work.playbooks.facts import Facts
from perennial.work.playbooks.queries.definitions import OWN
from perennial.work.playbooks.rules.caps import TAKEN_BACK, History, LeftOut, admitted
from perennial.work.playbooks.rules.definition import BY_ALERT, Cap, Definition, of

MACHINE = (Run.Source.SEGMENT, Run.Source.SIGNAL)


@dataclass(frozen=True, slots=True)
class Match:
    """A customer whom a playbook means, and why it would be left out (None: it enters)."""

    customer: Customer
    left_out: LeftOut | None


def admitted_now(
    version: PlaybookVersion, wanted: Sequence[int], *, as_of: date, by_machine: bool
) -> dict[int, LeftOut | None]:
    """Of these customers, in their order: None, or why not."""
    cap = of(version.definition).cap
    return admitted_to(version.playbook.name, cap, wanted, as_of=as_of, by_machine=by_machine)


def admitted_to(
    name: str, cap: Cap, wanted: Sequence[int], *, as_of: date, by_machine: bool
) -> dict[int, LeftOut | None]:
    """The same of a text that may not even be published."""
    runs = Run.objects.filter(playbook__name=name).exclude(end_reason=TAKEN_BACK)
    mine = runs.filter(customer__in=wanted) if len(wanted) == 1 else runs
    running = Q(state=Run.State.RUNNING)
    counted = (
        mine.order_by()
        .values("customer_id")
        .annotate(runs=Count("pk"), last_on=Max("enrolled_on"), now=Count("pk", filter=running))
    )
    histories = {
        it["customer_id"]: History(it["runs"], it["last_on"], bool(it["now"])) for it in counted
    }
    today = runs.filter(source__in=MACHINE, enrolled_on=as_of).count() if by_machine else None
    found = admitted(
        wanted, histories, cap, running=runs.filter(running).count(), today=today, as_of=as_of
    )
    if by_machine:  # whoever came today and has left already does not come twice
        for pk, past in histories.items():
            if past.last_on == as_of and pk in found:
                found[pk] = found[pk] or LeftOut.LATELY
    return found


def wanted_by(definition: Definition, facts: Facts, customers: Collection[int]) -> list[int]:
    """Whom audience and trigger mean, of these customers. Raises FilterRefused."""
    found = facts.fitting(definition.audience) & frozenset(customers)
    if definition.trigger.startswith(BY_ALERT):
        found &= _alerting(definition.trigger.removeprefix(BY_ALERT))
    return sorted(found)


def _alerting(rule: str) -> frozenset[int]:
    """Customers with an open alert of a rule, or of an own one."""
    rows = Alert.objects.filter(resolved_on__isnull=True, customer__isnull=False)
    if rule.startswith(OWN):
        rows = rows.filter(rule=Rule.OWN, about=rule.removeprefix(OWN))
    else:
        rows = rows.filter(rule=rule)
    return frozenset(pk for pk in rows.values_list("customer", flat=True) if pk is not None)


def matches(definition: Definition, user: User, day: date, *, as_of: date) -> list[Match]:
    """Who matches now, of those that the user sees, with the reason of each who is left out.

    Raises FilterRefused. `day`: whose facts are read; `as_of`: the morning on which they enter.
    """
    here = {it.pk for it in served(day)}
    seen = {it.pk: it for it in visible_customers(user).select_related("owner")}
    # By everybody's facts: the machine enrols for the whole company, in the order of the keys.
    wanted = wanted_by(definition, Facts(here, day), here)
    found = admitted_to(definition.name, definition.cap, wanted, as_of=as_of, by_machine=True)
    return [Match(seen[pk], why) for pk, why in found.items() if pk in seen]
