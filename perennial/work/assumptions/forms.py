"""The form of a reason's chance, hours and rest."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.work.assumptions.actions import LEAST_HOURS, LONGEST_COOL_DOWN_DAYS, MOST_HOURS
from perennial.work.rules import Assumption


class AssumptionForm(forms.Form):
    """Chance as a percentage, as people say it."""

    version = forms.IntegerField(widget=forms.HiddenInput(), min_value=0)
    chance = forms.DecimalField(
        label=_("Chance that acting helps, %"), min_value=1, max_value=100, decimal_places=1
    )
    effort_hours = forms.FloatField(
        label=_("Hours of work"), min_value=LEAST_HOURS, max_value=MOST_HOURS
    )
    cool_down_days = forms.IntegerField(
        label=_("Rests after closing, days"),
        min_value=0,
        max_value=LONGEST_COOL_DOWN_DAYS,
        help_text=_("So long the same reason does not come back at a customer."),
    )

    def __init__(
        self, it: Assumption, version: int, data: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(
            data,
            initial={
                "version": version,
                "chance": f"{it.chance_rate * 100:g}",
                "effort_hours": it.effort_hours,
                "cool_down_days": it.cool_down_days,
            },
        )
        self.lane = it.lane

    @property
    def said(self) -> Assumption:
        given = self.cleaned_data
        return Assumption(
            self.lane,
            float(given["chance"] / 100),
            given["effort_hours"],
            given["cool_down_days"],
        )
