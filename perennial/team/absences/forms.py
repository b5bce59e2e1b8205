"""The form of an absence."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.team.absences.queries import plannable, stand_ins
from perennial.team.models import User


class AbsenceForm(forms.Form):
    """Who is away from when to when, and who sees the book meanwhile."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Who is away"), empty_label=None)
    from_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    stand_in = forms.ModelChoiceField(User.objects.none(), label=_("Stand-in"))
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, by: User, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial={"user": by.pk})
        colleagues = plannable(by)
        self.fields["user"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["stand_in"].queryset = stand_ins(by)  # type: ignore[attr-defined]
        self.is_own = not colleagues.exclude(pk=by.pk).exists()
        if self.is_own:  # a CSM plans for oneself only
            self.fields["user"].widget = forms.HiddenInput()
            self.fields["stand_in"].queryset = stand_ins(by).exclude(pk=by.pk)  # type: ignore[attr-defined]
