"""A score of one's own, and what data cannot see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Person
from perennial.health.models import Said

LONGEST_OVERRIDE_DAYS = 90
USUAL_DAYS = 30


class OverrideForm(forms.Form):
    """The actions judge it."""

    score = forms.IntegerField(label=_("Score"), min_value=0, max_value=100)
    until_on = forms.DateField(
        label=_("Holds until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At most 90 days; then the computed score is back."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"until_on": today + timedelta(days=USUAL_DAYS)})
        last = today + timedelta(days=LONGEST_OVERRIDE_DAYS)
        attributes = {"min": today.isoformat(), "max": last.isoformat()}
        self.fields["until_on"].widget.attrs |= attributes


class OpinionForm(forms.Form):
    """What somebody of ours sees, 0–10; value perception is of one of the customer's people."""

    measure = forms.ChoiceField(label=_("What"), choices=Said.choices)
    person = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        required=False,
        label=_("Whose value perception"),
        empty_label=_("Choose a person"),
    )
    value = forms.DecimalField(label=_("From 0 to 10"), min_value=0, max_value=10, decimal_places=1)
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, data: Any = None, *, people: Any, measure: str = "", person: Any = None
    ) -> None:
        super().__init__(data, initial={"measure": measure, "person": person})
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people
