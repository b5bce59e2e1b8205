"""What is typed about alerts: own rules and quiet windows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.alerts.rules.definitions import MOST_DAYS, RuleDefinition, WindowDefinition

LONGEST_FILTER = 2000


def _filter(label: Any, *, required: bool, help_text: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"class": "in", "rows": 2, "spellcheck": "false"})
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_FILTER,
        strip=True,
        widget=area,
        help_text=help_text,
    )


class RuleForm(forms.Form):
    """An own rule: two filters, how grave, how long it lives."""

    enter = _filter(
        _("Raised for customers that begin to fit"),
        required=True,
        help_text=_("For example 1;tier.in.S,A;usage.lte.-0.3;renewal.within.120"),
    )
    leave = _filter(
        _("Kept until they no longer fit"),
        required=False,
        help_text=_("A wider filter keeps it from coming and going: 1;usage.lte.-0.1"),
    )
    severity_rate = forms.FloatField(label=_("How grave, 0 to 1"), min_value=0, max_value=1)
    calm_days = forms.IntegerField(
        label=_("Over after so many days in a row without it"), min_value=1, max_value=MOST_DAYS
    )
    cool_down_days = forms.IntegerField(
        label=_("Still for so many days afterwards"), min_value=0, max_value=MOST_DAYS
    )
    title_zh = forms.CharField(label=_("Title, Chinese"), max_length=100)
    title_en = forms.CharField(label=_("Title, English"), max_length=100)
    name = forms.CharField(
        label=_("Short name"), max_length=60, help_text=_("Small letters, digits and _.")
    )
    is_on = forms.BooleanField(label=_("Switched on"), required=False)

    def __init__(self, data: Any = None, *, known: RuleDefinition | None = None) -> None:
        start = known or RuleDefinition("", "", "", "")
        initial = {name: getattr(start, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        if known:
            self.fields["name"].disabled = True
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs.setdefault("class", "in")

    def definition(self) -> RuleDefinition:
        return RuleDefinition(**self.cleaned_data)


class WindowForm(forms.Form):
    """Days on which little use is expected."""

    title = forms.CharField(label=_("Occasion"), max_length=100)
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    to_on = forms.DateField(label=_("To, included"), widget=forms.DateInput(attrs={"type": "date"}))
    customer = forms.CharField(
        label=_("Customer id"),
        max_length=200,
        required=False,
        help_text=_("Empty: everybody, as on a holiday."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "in")

    def definition(self) -> WindowDefinition:
        return WindowDefinition(**self.cleaned_data)
