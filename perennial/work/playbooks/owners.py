"""Who does a step at each customer: one look at the colleagues, whatever the number of runs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team.models import User
from perennial.work.models import Run, StepRun
from perennial.work.playbooks.rules.definition import OwnerRule, Step


@dataclass(frozen=True, slots=True)
class Chosen:
    """`owner` None: the customer's CSM. `fell_back`: the one who was meant cannot do it."""

    owner: User | None
    fell_back: bool = False


CSM = Chosen(None)


class Owners:
    """Chooses for the customers of one turn."""

    def __init__(self, customers: Collection[int]) -> None:
        self._customers = frozenset(customers)
        self._users = list(
            User.objects.filter(is_active=True).select_related("team").order_by("pk")
        )
        rows = Customer.objects.filter(pk__in=self._customers)
        self._team_of = dict(rows.values_list("pk", "owner__team_id"))
        self._seen: dict[int, frozenset[int]] = {}
        self._turns: dict[tuple[int, str], int] = {}

    def choose(self, run: Run, step: Step) -> Chosen:
        """Who does this step of this run; a colleague who left, or who may not see the customer,
        hands it to the CSM."""
        match step.owner_rule:
            case OwnerRule.CSM:
                wanted = run.owner_id
                if wanted is None:
                    return CSM
            case OwnerRule.CREATOR:
                wanted = run.by_id
            case OwnerRule.PERSON:
                name = step.owner_name.casefold()
                wanted = next((it.pk for it in self._users if it.email.casefold() == name), None)
            case OwnerRule.ROLE:
                wanted = self._of_role(run, step.owner_name)
            case OwnerRule.ROBIN:
                wanted = self._in_turn(run, step)
        found = next((it for it in self._users if it.pk == wanted), None)
        if found is None or run.customer.pk not in self._visible(found):
            return Chosen(None, fell_back=True)
        return Chosen(found)

    def _of_role(self, run: Run, role: str) -> int | None:
        """Those of the CSM's own team first; several of them share by customer."""
        of_role = [it for it in self._users if it.role == role]
        team = self._team_of.get(run.customer.pk)
        near = [it for it in of_role if team is not None and it.team_id == team] or of_role
        return near[run.customer.pk % len(near)].pk if near else None

    def _in_turn(self, run: Run, step: Step) -> int | None:
        members = [it for it in self._users if it.team and it.team.name == step.owner_name]
        if not members:
            return None
        key = (run.playbook_id, step.id)
        if key not in self._turns:
            done = StepRun.objects.filter(run__playbook=run.playbook_id, step=step.id)
            self._turns[key] = done.count()
        self._turns[key] += 1
        return members[(self._turns[key] - 1) % len(members)].pk

    def _visible(self, user: User) -> frozenset[int]:
        if user.pk not in self._seen:
            seen = visible_customers(user).filter(pk__in=self._customers)
            self._seen[user.pk] = frozenset(seen.values_list("pk", flat=True))
        return self._seen[user.pk]
