"""Sheets of a delivery project: what it is and what is planned, and a phase that is done."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.team.models import User
from perennial.work.models import Phase, Project
from perennial.work.onboarding.actions.projects import NOTE_LETTERS, Planned
from perennial.work.onboarding.forms.onboardings import colleagues, day_field, note_field
from perennial.work.onboarding.rules.delivery import PHASES


class ProjectForm(forms.Form):
    title = forms.CharField(label=pgettext_lazy("project", "Title"), max_length=200)
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), required=False,
        empty_label=_("the customer's own CSM"),
    )  # fmt: skip
    order_id = forms.ChoiceField(label=_("Order"), required=False)
    standard = forms.IntegerField(
        label=_("Share of standard, %"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("The rest is made to order."),
    )
    started_on = day_field(_("Begins on"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        customer: Customer,
        today: date,
        project: Project | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(project, today))
        for name in PHASES:
            label = Phase.Name(name).label
            self.fields[name] = day_field(label, required=False)
        owner, order = self.fields["owner"], self.fields["order_id"]
        assert isinstance(owner, forms.ModelChoiceField)
        assert isinstance(order, forms.ChoiceField)
        owner.queryset = User.objects.filter(pk__in=[it.pk for it in colleagues()]).order_by("name")
        orders = OrderLine.objects.filter(customer=customer, void=False).order_by("order_id")
        names = list(orders.values_list("order_id", flat=True).distinct())
        order.choices = [("", pgettext_lazy("project", "none")), *((it, it) for it in names)]

    def phases(self) -> list[Any]:
        return [self[name] for name in PHASES]

    def planned(self) -> Planned:
        given = self.cleaned_data
        standard = given["standard"]
        return Planned(
            title=given["title"],
            started_on=given["started_on"],
            order_id=given["order_id"],
            owner=given["owner"],
            standard_rate=None if standard is None else standard / 100,
            planned={name: given[name] for name in PHASES},
        )


def _initial(project: Project | None, today: date) -> dict[str, Any]:
    if project is None:
        return {"started_on": today}
    found: dict[str, Any] = {it.name: it.planned_on for it in project.phases.all()}
    rate = project.standard_rate
    return found | {
        "title": project.title,
        "owner": project.owner_id,
        "order_id": project.order_id,
        "standard": None if rate is None else round(rate * 100),
        "started_on": project.started_on,
        "version": project.version,
    }


class PhaseForm(forms.Form):
    done_on = day_field(
        pgettext_lazy("phase", "Done on"), required=False, help_text=_("Empty: not done.")
    )
    note = note_field(_("Note"), most=NOTE_LETTERS, rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, phase: Phase, today: date) -> None:
        initial = {
            "done_on": phase.done_on or today,
            "note": phase.note,
            "version": phase.version,
        }
        super().__init__(data, initial=initial)
