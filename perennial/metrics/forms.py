"""What people ask of a metric, and what they define."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.metrics.catalog import METRICS
from perennial.metrics.catalog.rows import Where
from perennial.metrics.queries.named import Named, all_metrics
from perennial.metrics.rules.own import (
    TEXT_LETTERS,
    TITLE_LETTERS,
    UNIT_LETTERS,
    Comparison,
    GoalDefinition,
    OwnDefinition,
)
from perennial.metrics.rules.periods import LONGEST_WINDOW_DAYS, By, Grain

GRAINS: Final = {
    Grain.DAY: pgettext_lazy("grain", "Days"),
    Grain.WEEK: pgettext_lazy("grain", "Weeks"),
    Grain.MONTH: pgettext_lazy("grain", "Months"),
}
DIMENSIONS: Final = {
    By.CUSTOMER: pgettext_lazy("by", "Customers"),
    By.PERSON: pgettext_lazy("by", "People"),
    By.PRODUCT: pgettext_lazy("by", "Products"),
}
COMPARISONS: Final = {
    Comparison.AT_LEAST: pgettext_lazy("goal", "at least"),
    Comparison.AT_MOST: pgettext_lazy("goal", "at most"),
}
_TEXT: Final = {"autocomplete": "off", "spellcheck": "false"}


def _window(*, required: bool, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Window, days"),
        required=required,
        min_value=1,
        max_value=LONGEST_WINDOW_DAYS,
        help_text=help_text,
    )


def _text(label: Any, *, most: int, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs=_TEXT),
    )


class WhereField(forms.CharField):
    """Conditions property=value, one per line."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Only where"),
            required=False,
            max_length=TEXT_LETTERS * 2,
            help_text=_("property=value, one per line; a.b looks inside a."),
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        )

    def clean(self, value: Any) -> Where:
        lines = [line for line in str(super().clean(value)).splitlines() if line.strip()]
        pairs = [line.partition("=") for line in lines]
        if any(not equals or not name.strip() for name, equals, _value in pairs):
            raise forms.ValidationError(_("Write property=value, one per line."))
        return tuple((name.strip(), value.strip()) for name, _equals, value in pairs)


class QuestionForm(forms.Form):
    """How a metric is looked at; everything stands in the address."""

    grain = forms.ChoiceField(label=_("Periods"), choices=list(GRAINS.items()), required=False)
    by = forms.ChoiceField(label=_("Figures of"), required=False)
    window = _window(required=False)
    event = _text(_("Event or feature"), most=TEXT_LETTERS, required=False)
    where = WhereField()

    def __init__(self, data: Any, *, named: Named) -> None:
        super().__init__(data)
        self.fields["where"].widget = forms.TextInput(attrs=_TEXT | {"placeholder": "plan=pro"})
        by = self.fields["by"]
        assert isinstance(by, forms.ChoiceField)
        by.choices = [(it, label) for it, label in DIMENSIONS.items() if it in named.by]


class OwnForm(forms.Form):
    """An own metric; the actions judge it."""

    name = _text(
        pgettext_lazy("identifier", "Short name"),
        most=60,
        help_text=_("Small letters, digits and _; for commands and exports. It never changes."),
    )
    title_zh = _text(_("Title in Chinese"), most=TITLE_LETTERS)
    title_en = _text(_("Title in English"), most=TITLE_LETTERS)
    base = forms.ChoiceField(label=_("Counts as"))
    event = _text(
        _("Event or feature"),
        most=TEXT_LETTERS,
        required=False,
        help_text=_("Empty: all events."),
    )
    where = WhereField()
    window_days = _window(required=False, help_text=_("Empty: the period looked at."))
    unit_zh = _text(_("Unit in Chinese"), most=UNIT_LETTERS, required=False)
    unit_en = _text(_("Unit in English"), most=UNIT_LETTERS, required=False)

    def __init__(self, data: Any = None, *, known: OwnDefinition | None = None) -> None:
        initial: dict[str, Any] = {}
        if known:
            initial = {name: getattr(known, name) for name in self.base_fields}
            initial["where"] = "\n".join(f"{name}={value}" for name, value in known.where)
        super().__init__(data, initial=initial)
        self.fields["event"].widget.attrs["list"] = "known-events"
        base = self.fields["base"]
        assert isinstance(base, forms.ChoiceField)
        base.choices = [(it.name, it.title) for it in METRICS if it.name != "north_star_met"]
        if known:
            self.fields["name"].disabled = True

    def definition(self) -> OwnDefinition:
        return OwnDefinition(**self.cleaned_data)


class GoalForm(forms.Form):
    """A north-star goal; the actions judge it."""

    name = _text(
        pgettext_lazy("identifier", "Short name"),
        most=60,
        help_text=_("Small letters, digits and _; for commands and exports. It never changes."),
    )
    title_zh = _text(_("Title in Chinese"), most=TITLE_LETTERS)
    title_en = _text(_("Title in English"), most=TITLE_LETTERS)
    metric = forms.ChoiceField(label=_("Metric"))
    comparison = forms.ChoiceField(label=_("Should be"), choices=list(COMPARISONS.items()))
    target = forms.FloatField(label=_("Target"), help_text=_("Shares from 0 to 1: 0.6 is 60 %."))
    window_days = _window(required=True)
    segment = _text(
        _("For which customers"),
        most=500,
        required=False,
        help_text=_("A filter like 1;tier.in.S,A; empty: all."),
    )

    def __init__(self, data: Any = None, *, known: GoalDefinition | None = None) -> None:
        initial = {name: getattr(known, name) for name in self.base_fields} if known else {}
        super().__init__(data, initial=initial or {"window_days": 28})
        metric = self.fields["metric"]
        assert isinstance(metric, forms.ChoiceField)
        left_out = ("last_seen_on", "north_star_met")
        metric.choices = [(it.name, it.title) for it in all_metrics() if it.name not in left_out]
        if known:
            self.fields["name"].disabled = True

    def definition(self) -> GoalDefinition:
        given = self.cleaned_data
        return GoalDefinition(**{**given, "comparison": Comparison(given["comparison"])})


class RuleForm(forms.Form):
    """When a customer is active, and when silent."""

    goals_needed = forms.IntegerField(label=_("Goals that must be met"), min_value=1, max_value=100)
    active_days = forms.IntegerField(
        label=_("Without goals: an event in the last days"), min_value=1, max_value=366
    )
    silent_days = forms.IntegerField(
        label=_("Silent: no event in days"), min_value=1, max_value=LONGEST_WINDOW_DAYS
    )
