"""A new playbook, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_TEXT = {"autocomplete": "off", "spellcheck": "false", "pattern": "[a-z0-9_]{1,40}"}


class NewPlaybookForm(forms.Form):
    """Its first draft is the copy of a playbook."""

    name = forms.RegexField(
        r"\A[a-z0-9_]{1,40}\Z",
        label=pgettext_lazy("identifier", "Short name"),
        help_text=_("Small letters, digits and _; for commands and exports. It never changes."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    copy_of = forms.ChoiceField(label=_("Begins as a copy of"))

    def __init__(
        self, data: Any = None, *, choices: Sequence[tuple[str, str]], copy_of: str = ""
    ) -> None:
        super().__init__(data, initial={"copy_of": copy_of})
        field = self.fields["copy_of"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
