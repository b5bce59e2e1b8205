"""Sheets of a way in: reach a milestone, name the owner, stop, begin."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.work.models import Milestone, Onboarding, OwnerKind
from perennial.work.onboarding.actions.onboardings import NOTE_LETTERS, REASON_LETTERS


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def note_field(label: Any, *, most: int, required: bool = False, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def colleagues() -> list[User]:
    """Who may look after customers, by name."""
    working = User.objects.filter(is_active=True).select_related("team").order_by("name")
    return [it for it in working if can(it, Page.EDIT_CUSTOMERS)]


class ReachForm(forms.Form):
    done_on = day_field(pgettext_lazy("milestone", "Reached on"))
    note = note_field(_("What shows it"), most=NOTE_LETTERS)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, milestone: Milestone, today: date) -> None:
        initial = {
            "done_on": milestone.done_on or today,
            "note": milestone.evidence.get("note", ""),
            "version": milestone.version,
        }
        super().__init__(data, initial=initial)


class OwnerForm(forms.Form):
    owner_kind = forms.ChoiceField(label=_("Brought in by"), choices=OwnerKind.choices)
    owner = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), required=False,
        empty_label=_("the customer's own CSM"),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, way: Onboarding) -> None:
        initial = {"owner_kind": way.owner_kind, "owner": way.owner_id, "version": way.version}
        super().__init__(data, initial=initial)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        known = [it.pk for it in colleagues()]
        owner.queryset = User.objects.filter(pk__in=known).order_by("name")


class StopForm(forms.Form):
    """Of a way in or of a delivery project."""

    reason = note_field(_("Reason"), most=REASON_LETTERS, required=True, rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)


class StartForm(forms.Form):
    started_on = day_field(_("Begins on"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"started_on": today})
