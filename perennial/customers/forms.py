"""What people type about customers, people and touches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone

from perennial.customers.models import Customer, Person, TouchKind
from perennial.customers.queries import people_of
from perennial.team.models import User

UNSET = ("", "–")


def _text(most: int, *, required: bool = False) -> forms.CharField:
    return forms.CharField(max_length=most, required=required, strip=True)


class TagsField(forms.CharField):
    """Tags separated by commas of either width."""

    def to_python(self, value: Any) -> Any:
        text = (super().to_python(value) or "").replace("，", ",")
        return list(dict.fromkeys(tag.strip()[:40] for tag in text.split(",") if tag.strip()))[:20]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


def field_of(name: str) -> forms.Field | None:
    """The form field that edits a customer's field in place; None: it is not edited so."""
    fields: dict[str, forms.Field] = {
        "name": _text(200, required=True),
        "name_en": _text(200),
        "industry": _text(100),
        "region": _text(100),
        "size": _text(50),
        "website": forms.CharField(
            max_length=300, required=False, validators=[URLValidator(["http", "https"])]
        ),
        "tags": TagsField(max_length=400, required=False),
    }
    return fields.get(name)


class TouchForm(forms.Form):
    """Ten seconds: kind and note are enough; it happened now unless said otherwise."""

    kind = forms.ChoiceField(choices=TouchKind.choices, initial=TouchKind.CALL)
    person = forms.ModelChoiceField(Person.objects.none(), required=False)
    minutes = forms.IntegerField(min_value=0, max_value=24 * 60, required=False)
    happened_at = forms.DateTimeField(required=False)
    note = forms.CharField(max_length=4000, strip=True, widget=forms.Textarea)

    def __init__(self, data: Any = None, *, user: User, customer: Customer) -> None:
        super().__init__(data)
        here = people_of(user, customer).filter(to_on__isnull=True)
        person = self.fields["person"]
        assert isinstance(person, forms.ModelChoiceField)
        person.queryset = here
        person.empty_label = "–"

    def clean_happened_at(self) -> Any:
        """Empty is now; the minute that a browser rounds up is forgiven."""
        now = timezone.now()
        at = self.cleaned_data["happened_at"] or now
        return now if now < at <= now + timedelta(minutes=1) else at
