"""What people fill in to name a feature."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.events.actions.features import NAME_LETTERS
from perennial.events.models import FEATURES_AT_MOST, Feature
from perennial.events.rules.features import CLICK, LETTERS_AT_MOST, SUBMIT, VIEW, FeatureRule

CAPTURES: Final = {
    CLICK: pgettext_lazy("captured", "Click"),
    SUBMIT: pgettext_lazy("captured", "Sent form"),
    VIEW: pgettext_lazy("captured", "Page view"),
}
_TEXT: Final = {"autocomplete": "off", "spellcheck": "false"}


class FeatureForm(forms.Form):
    """A name and its rule; the actions judge them. Patterns are kept as they were typed."""

    name = forms.CharField(
        label=_("Name of the feature"),
        max_length=NAME_LETTERS,
        widget=forms.TextInput(attrs=_TEXT),
    )
    event = forms.ChoiceField(label=_("Counts on a"), choices=list(CAPTURES.items()))
    selector = forms.CharField(
        label=_("Element"),
        required=False,
        max_length=LETTERS_AT_MOST,
        help_text=_("The path that was recorded; * stands for anything. Empty: any element."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    url = forms.CharField(
        label=pgettext_lazy("captured", "Page"),
        required=False,
        max_length=LETTERS_AT_MOST,
        help_text=_("Like /deals/*; with https:// also the host. Empty: any page."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    deep = forms.BooleanField(
        label=_("Deep feature"),
        required=False,
        help_text=_("Using it shows that work depends on the product."),
    )
    instead_of = forms.ModelChoiceField(
        label=_("Takes the place of"),
        queryset=Feature.objects.filter(event="").order_by("-bit"),
        required=False,
        help_text=_("All places are taken: this event goes on counting, but is no feature."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        initial: dict[str, str] | None = None,
        feature: Feature | None = None,
    ) -> None:
        if feature:
            fields = ("name", "event", "selector", "url", "deep")
            initial = {name: getattr(feature, name) for name in fields}
        super().__init__(data, initial=initial)
        if feature or Feature.objects.count() < FEATURES_AT_MOST:
            del self.fields["instead_of"]

    def rule(self) -> FeatureRule:
        given = self.cleaned_data
        return FeatureRule(given["event"], given["selector"], given["url"])


def rule_of_query(query: QueryDict) -> FeatureRule:
    """The rule that stands in an address, as far as it is written."""
    event = query.get("event", "")
    return FeatureRule(
        event if event in CAPTURES else CLICK,
        query.get("selector", "").strip()[:LETTERS_AT_MOST],
        query.get("url", "").strip()[:LETTERS_AT_MOST],
    )
