"""What people type about people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import BuyingRole, Grade, Person, Sentiment
from perennial.customers.people.actions import FIELDS

UNSET = ("", "–")
NEEDS_LETTERS = 2_000


def _text(label: Any, most: int, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, strip=True)


def _needs(label: Any, hint: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=NEEDS_LETTERS,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PersonForm(forms.Form):
    """Who somebody is. An empty grade is the standard's to give."""

    name = _text(pgettext_lazy("person", "Name"), 200, required=True)
    role = _text(_("Position"), 100)
    grade = forms.ChoiceField(label=_("Grade"), required=False)
    buying_role = forms.ChoiceField(
        label=_("Buying role"), choices=[UNSET, *BuyingRole.choices], required=False
    )
    reports_to_id = forms.TypedChoiceField(
        label=_("Reports to"), coerce=int, empty_value=None, required=False
    )
    sentiment = forms.ChoiceField(
        label=_("Mood"), choices=[UNSET, *Sentiment.choices], required=False
    )
    email = forms.EmailField(
        label=pgettext_lazy("person", "E-mail"), max_length=254, required=False
    )
    phone = _text(_("Phone"), 50)
    personal_needs = _needs(_("Personal needs"), _("What it means for them: a promotion, peace …"))
    company_needs = _needs(_("Company's needs"), _("What they are to achieve for the company."))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        colleagues: Iterable[Person],
        by_standard: str = "",
        initial: Any = None,
    ) -> None:
        """`by_standard`: what the standard says of the position as it stands."""
        super().__init__(data, initial=initial)
        hint = pgettext_lazy("grade", "by the standard")
        given = f"{hint}: {by_standard}" if by_standard else hint
        self._choose("grade", [("", given), *Grade.choices])
        self._choose("reports_to_id", [UNSET, *((it.pk, _in_list(it)) for it in colleagues)])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def values(self) -> dict[str, Any]:
        """What was sent: a field that was not is left as it is."""
        return {name: self.cleaned_data[name] for name in FIELDS if name in self.data}


def _in_list(person: Person) -> str:
    return f"{person.name} · {person.role}" if person.role else person.name


class LeftForm(forms.Form):
    """Who leaves: when, and where to; a company that we know links the two."""

    left_on = forms.DateField(
        label=_("Left on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    left_to = forms.CharField(
        label=_("Where to"),
        max_length=200,
        required=False,
        strip=True,
        help_text=_(
            "A company. When it is a customer of ours, they go on there as the same person."
        ),
        widget=forms.TextInput(attrs={"list": "companies", "autocomplete": "off"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
