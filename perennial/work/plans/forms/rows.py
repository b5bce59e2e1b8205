"""Forms of what stands in a plan: goals and their values, joint actions, strategies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.health.queries.sources import source_of, sources
from perennial.team.models import User
from perennial.work.models import Goal, Plan, PlanAction, Strategy
from perennial.work.plans.actions.plans import WORDS_LETTERS
from perennial.work.plans.forms.plan import (
    NOBODY,
    TITLE_LETTERS,
    Versioned,
    choose,
    day_field,
    owner_choices,
    text_field,
    values_of,
)
from perennial.work.plans.rules.template import LARGEST

UNIT_LETTERS, WANTS_LETTERS = 20, 300


def number_field(label: Any, *, required: bool = True) -> forms.FloatField:
    return forms.FloatField(label=label, required=required, min_value=-LARGEST, max_value=LARGEST)


class GoalForm(Versioned):
    """Shares are typed as percentages. Without a metric it is a result of the customer's own."""

    title = forms.CharField(label=pgettext_lazy("plan", "Goal"), max_length=TITLE_LETTERS)
    metric = forms.ChoiceField(label=_("Measured by"), required=False)
    target = number_field(pgettext_lazy("goal", "Target"))
    baseline = number_field(pgettext_lazy("goal", "Baseline"), required=False)
    unit = forms.CharField(
        label=_("Unit"), max_length=UNIT_LETTERS, required=False,
        help_text=_("Of the customer's own figures: orders, ¥, %."),
    )  # fmt: skip
    due_on = day_field(pgettext_lazy("plan", "Due on"), required=False)
    is_shared = forms.BooleanField(label=_("The customer sees it"), required=False)

    def __init__(self, data: Any = None, *, goal: Goal | None) -> None:
        initial = values_of(goal, self.base_fields) if goal else {"is_shared": True, "version": 1}
        if goal is not None and goal.metric and source_of(goal.metric).in_percent:
            for name in ("target", "baseline"):
                if initial[name] is not None:
                    initial[name] = round(100 * initial[name], 4)
        super().__init__(data, initial=initial)
        known = [(it.id, it.title) for it in sources()]
        if goal is not None and goal.metric and goal.metric not in dict(known):
            known.append((goal.metric, source_of(goal.metric).title))
        choose(self.fields["metric"], [("", _("the customer's own figures")), *known])
        self.fields["target"].help_text = _("Shares in percent; lower than the baseline works too.")
        self.fields["baseline"].help_text = _("Empty: what is measured when the plan begins.")

    def values(self) -> dict[str, Any]:
        """As they are stored: shares from 0 to 1."""
        given = {name: it for name, it in self.cleaned_data.items() if name != "version"}
        if given["metric"] and source_of(given["metric"]).in_percent:
            for name in ("target", "baseline"):
                if given[name] is not None:
                    given[name] = given[name] / 100
        return given


class ReadingForm(forms.Form):
    on = day_field(_("Day"))
    value = number_field(_("Value"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today})


class ActionForm(Versioned):
    title = forms.CharField(label=_("What is to be done"), max_length=TITLE_LETTERS)
    side = forms.ChoiceField(label=_("By whom"), choices=PlanAction.Side.choices)
    owner = forms.ChoiceField(label=_("Of ours"), required=False)
    person = forms.ChoiceField(label=_("Of theirs"), required=False)
    goal = forms.ChoiceField(label=_("For the goal"), required=False)
    due_on = day_field(pgettext_lazy("plan", "Due on"), required=False)
    is_shared = forms.BooleanField(label=_("The customer sees it"), required=False)

    def __init__(
        self, data: Any = None, *, plan: Plan, action: PlanAction | None, owners: Iterable[User]
    ) -> None:
        initial = (
            values_of(action, self.base_fields) if action else {"is_shared": True, "version": 1}
        )
        super().__init__(data, initial=initial)
        choose(self.fields["owner"], owner_choices(owners, action.owner if action else None))
        people = plan.customer.people.filter(to_on=None).order_by("name")
        choose(self.fields["person"], _people(people, action.person if action else None))
        goals = [(str(it.pk), it.title) for it in plan.goals.order_by("position", "pk")]
        choose(self.fields["goal"], [NOBODY, *goals])

    def values(self) -> dict[str, Any]:
        """As they are stored: ids for owner, person and goal."""
        return _by_id(self.cleaned_data, ("owner", "person", "goal"))


class StrategyForm(Versioned):
    person = forms.ChoiceField(label=pgettext_lazy("strategy", "Person"))
    wants = forms.CharField(label=_("What they want"), max_length=WANTS_LETTERS, required=False)
    approach = text_field(_("How we go about it"), most=WORDS_LETTERS, rows=4)

    def __init__(self, data: Any = None, *, plan: Plan, strategy: Strategy | None) -> None:
        initial = values_of(strategy, self.base_fields) if strategy else {"version": 1}
        super().__init__(data, initial=initial)
        people = plan.customer.people.filter(to_on=None).order_by("name")
        choose(self.fields["person"], _people(people, strategy.person if strategy else None)[1:])

    def values(self) -> dict[str, Any]:
        return _by_id(self.cleaned_data, ("person",))


def _people(people: Any, also: Any) -> list[tuple[str, Any]]:
    known = {it.pk: f"{it.name} · {it.role}" if it.role else it.name for it in people}
    if also is not None:
        known.setdefault(also.pk, also.name)
    return [NOBODY, *((str(pk), name) for pk, name in known.items())]


def _by_id(cleaned: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: it for name, it in cleaned.items() if name not in ("version", *names)}
    return given | {f"{name}_id": int(cleaned[name]) if cleaned[name] else None for name in names}
