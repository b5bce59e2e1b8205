"""What people type about customers, people and touches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone

from perennial.customers.models import Customer, Person, Touch, TouchKind
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
    people_trained = forms.IntegerField(min_value=1, max_value=100_000, required=False)
    about = forms.ChoiceField(required=False)
    closes = forms.BooleanField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        customer: Customer,
        abouts: Iterable[tuple[str, str]] = (),
        touch: Touch | None = None,
        about: str = "",
    ) -> None:
        """`abouts`: what a touch may belong to, as (ABOUT:ID, words); `touch`: one to change."""
        super().__init__(data, initial=_logged(touch) if touch else {"about": about})
        belongs = self.fields["about"]
        assert isinstance(belongs, forms.ChoiceField)
        belongs.choices = [UNSET, *abouts]
        here = people_of(user, customer)
        if touch is None:
            here = here.filter(to_on__isnull=True)
        person = self.fields["person"]
        assert isinstance(person, forms.ModelChoiceField)
        person.queryset = here
        person.empty_label = "–"

    def belongs_to(self) -> tuple[str, int] | None:
        """The item, plan or ticket that the touch belongs to."""
        kind, _sep, pk = self.cleaned_data.get("about", "").partition(":")
        return (kind, int(pk)) if pk else None

    def clean_happened_at(self) -> Any:
        """Empty is now; the minute that a browser rounds up is forgiven."""
        now = timezone.now()
        at = self.cleaned_data["happened_at"] or now
        return now if now < at <= now + timedelta(minutes=1) else at


def _logged(touch: Touch) -> dict[str, Any]:
    """A touch as its form shows it; the moment in business time, as browsers want it."""
    names = ("kind", "person", "minutes", "note", "people_trained", "version")
    shown = {name: getattr(touch, name) for name in names}
    happened_at = timezone.localtime(touch.happened_at).strftime("%Y-%m-%dT%H:%M")
    return shown | {"happened_at": happened_at}
