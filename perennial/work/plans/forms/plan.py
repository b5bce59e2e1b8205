"""Forms of a plan as a whole: new, changed, judged, copied, kept as a template, shared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Fit
from perennial.team.models import User
from perennial.work.models import Plan
from perennial.work.plans.actions.plans import WORDS_LETTERS
from perennial.work.plans.actions.sharing import (
    LANGUAGES,
    LONGEST_DAYS,
    NAME_LETTERS,
    NOTE_LETTERS,
    TEXT_LETTERS,
    USUAL_DAYS,
)

TITLE_LETTERS = 200
NOBODY = ("", pgettext_lazy("nobody in particular", "–"))


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, with the browser's own calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def text_field(label: Any, *, most: int, rows: int = 3, required: bool = False) -> forms.CharField:
    """Some lines of a bounded length."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, required=required, widget=widget)


class Versioned(forms.Form):
    """A form that knows which version it changes."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


def owner_choices(owners: Iterable[User], also: User | None) -> list[tuple[str, Any]]:
    """Who may answer for something; nobody in particular: the customer's CSM."""
    known = {it.pk: it.name for it in owners}
    if also is not None:
        known[also.pk] = also.name
    return [("", _("the customer's CSM")), *((str(pk), name) for pk, name in known.items())]


class NewPlanForm(forms.Form):
    template = forms.ChoiceField(label=_("Template"), required=False)
    title = forms.CharField(label=_("Title"), max_length=TITLE_LETTERS)
    starts_on = day_field(pgettext_lazy("plan", "Starts on"))
    ends_on = day_field(pgettext_lazy("plan", "Ends on"), required=False)

    def __init__(self, data: Any = None, *, templates: list[tuple[str, str]], today: date) -> None:
        super().__init__(data, initial={"starts_on": today})
        template = self.fields["template"]
        assert isinstance(template, forms.ChoiceField)
        template.choices = [("", _("empty plan")), *templates]


class PlanForm(Versioned):
    title = forms.CharField(label=_("Title"), max_length=TITLE_LETTERS)
    starts_on = day_field(pgettext_lazy("plan", "Starts on"))
    ends_on = day_field(pgettext_lazy("plan", "Ends on"), required=False)
    owner = forms.ChoiceField(label=pgettext_lazy("plan", "Owner"), required=False)
    success_words = text_field(
        _("What success is, in the customer's words"), most=WORDS_LETTERS, rows=4
    )
    expectation_gap = text_field(_("Expectation gap"), most=WORDS_LETTERS, rows=3)

    def __init__(self, data: Any = None, *, plan: Plan, owners: Iterable[User]) -> None:
        super().__init__(data, initial=values_of(plan, self.base_fields))
        choose(self.fields["owner"], owner_choices(owners, plan.owner))
        self.fields["success_words"].help_text = _("The customer sees these words.")
        self.fields["expectation_gap"].help_text = _(
            "What they expect and we do not do, or not yet. Never shared."
        )


class JudgeForm(Versioned):
    fit = forms.ChoiceField(
        label=pgettext_lazy("target customer", "Is it a target customer?"), choices=Fit.choices
    )
    reason = text_field(_("Why"), most=WORDS_LETTERS, rows=4, required=True)


class CopyForm(forms.Form):
    customer = forms.CharField(label=_("Customer"), max_length=200)
    title = forms.CharField(label=_("Title"), max_length=TITLE_LETTERS)
    starts_on = day_field(pgettext_lazy("plan", "Starts on"))


class TemplateForm(forms.Form):
    name = forms.RegexField(
        regex=r"^[a-z0-9_]{1,40}$",
        label=_("Short name"),
        help_text=_("Small letters, digits and _. An existing name becomes a new version."),
    )
    title = forms.CharField(label=_("Title"), max_length=TITLE_LETTERS)


class ShareForm(forms.Form):
    """How a plan is shared. `confirmed` is the name of the customer, typed."""

    comments = forms.ChoiceField(
        label=_("The customer may"),
        choices=[("", _("only read")), ("1", _("read, comment and tick its own actions"))],
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=list(zip(LANGUAGES, ("中文", "English"), strict=True))
    )
    days = forms.IntegerField(
        label=_("Days until it expires"), min_value=1, max_value=LONGEST_DAYS, initial=USUAL_DAYS
    )
    note = text_field(_("A word to the customer"), most=NOTE_LETTERS, rows=2)
    confirmed = forms.CharField(label=_("Type the customer's name to confirm"), max_length=200)


class AnswerForm(forms.Form):
    text = text_field(_("Your answer, which the customer sees"), most=TEXT_LETTERS, required=True)


class RemarkForm(forms.Form):
    """What a customer writes at its link."""

    name = forms.CharField(label=pgettext_lazy("shared plan", "Your name"), max_length=NAME_LETTERS)
    text = text_field(
        pgettext_lazy("shared plan", "Your comment"), most=TEXT_LETTERS, required=True
    )


def choose(field: forms.Field, choices: list[tuple[str, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def values_of(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """What a row says for the fields of a form; of others their ids."""
    return {
        name: getattr(row, f"{name}_id" if hasattr(row, f"{name}_id") else name)
        for name in names
        if hasattr(row, name)
    }
