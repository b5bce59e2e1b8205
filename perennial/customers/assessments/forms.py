"""What people type at a customer: a filled form, where an offer stands, a diagnosis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.customers.assessments.rules.diagnosis import ANCHORS, MOST, ORDER
from perennial.customers.assessments.rules.offers import NEXT
from perennial.customers.assessments.rules.template import SCALE, Area, Question, Template
from perennial.customers.assessments.wording import JUDGED, spoken
from perennial.customers.models import Proposal

NOTE_LETTERS = 4_000
RESULT_LETTERS = 2_000


def _day(today: date) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "max": today.isoformat()})
    return forms.DateField(label=_("Date"), initial=today.isoformat(), widget=widget)


def _long(label: Any, letters: int, *, rows: int = 3, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=letters,
        required=False,
        strip=True,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class FillForm(forms.Form):
    """The questions of a template; none must be answered, one at least."""

    note = _long(_("Note"), NOTE_LETTERS)

    def __init__(self, data: Any = None, *, template: Template, today: date) -> None:
        super().__init__(data)
        self.template = template
        self.fields["made_on"] = _day(today)
        for area, question in self._questions():
            self.fields[f"{area.name}.{question.name}"] = forms.TypedChoiceField(
                label=spoken(question.text),
                choices=_answers(question),
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )

    def _questions(self) -> Iterator[tuple[Area, Question]]:
        for area in self.template.areas:
            for question in area.questions:
                yield area, question

    def answers(self) -> dict[str, int]:
        names = (f"{area.name}.{it.name}" for area, it in self._questions())
        given = {name: self.cleaned_data[name] for name in names}
        return {name: answer for name, answer in given.items() if answer is not None}

    def areas(self) -> Iterator[tuple[Area, str, list[forms.BoundField]]]:
        """The areas with their fields, for the page."""
        for area in self.template.areas:
            fields = [self[f"{area.name}.{it.name}"] for it in area.questions]
            yield area, spoken(area.title), fields


def _answers(question: Question) -> list[tuple[int, str]]:
    if question.choices:
        return [(n, spoken(it.title)) for n, it in enumerate(question.choices, start=1)]
    return [(n, str(n)) for n in SCALE]


class OfferForm(forms.Form):
    """Where an offer stands, and what came of it."""

    state = forms.ChoiceField(label=_("State"))
    result = _long(_("Result"), RESULT_LETTERS, hint=_("What came of it, in figures if possible."))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, proposal: Proposal, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)
        follows = (proposal.state, *NEXT[proposal.state])
        state.choices = [(it.value, it.label) for it in Proposal.State if it.value in follows]


class DiagnosisForm(forms.Form):
    """Motivation, ability and trigger, each 0–10."""

    stuck_at = forms.CharField(
        label=_("What does not move"), max_length=200, required=False, strip=True
    )
    response = _long(_("What we do about it"), RESULT_LETTERS)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        self.fields["made_on"] = _day(today)
        for name in ORDER:
            self.fields[name] = forms.TypedChoiceField(
                label=str(JUDGED[name]),
                choices=[(n, str(n)) for n in range(MOST + 1)],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("Judge all three, 0 to 10.")},
            )

    def judged(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in ORDER}

    def questions(self) -> Iterator[tuple[forms.BoundField, tuple[str, ...]]]:
        for name in ORDER:
            yield self[name], ANCHORS[name]


class ResultForm(forms.Form):
    """What came of the answer to a diagnosis."""

    result = _long(_("Result"), RESULT_LETTERS, rows=4)
    version = forms.IntegerField(widget=forms.HiddenInput)
