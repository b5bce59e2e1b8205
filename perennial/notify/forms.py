from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class WishForm(forms.Form):
    """What to be mailed."""

    digest = forms.BooleanField(
        label=_("Morning digest"),
        help_text=_("One mail a day, when there is something to do or something has changed."),
        required=False,
    )
    instant = forms.BooleanField(
        label=_("The most valuable alerts at once"),
        help_text=_("At most three a day, where the highest tenth of your money is at stake."),
        required=False,
    )
