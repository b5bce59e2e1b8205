"""A new profile, and why one is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_TEXT = {"autocomplete": "off", "spellcheck": "false"}


class NewProfileForm(forms.Form):
    """Its first draft is the copy of a profile that judges."""

    name = forms.CharField(
        label=pgettext_lazy("identifier", "Short name"),
        max_length=40,
        help_text=_("Small letters, digits and _; for commands and exports. It never changes."),
        widget=forms.TextInput(attrs=_TEXT | {"pattern": "[a-z0-9_]{1,40}"}),
    )
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=60)
    title_en = forms.CharField(label=_("Title in English"), max_length=60)
    copy_of = forms.ChoiceField(label=_("Begins as a copy of"))

    def __init__(self, data: Any = None, *, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["copy_of"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class PublishForm(forms.Form):
    """The note stays with the version."""

    edits = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Why it changes"),
        max_length=300,
        help_text=_("The note stays with the version."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
