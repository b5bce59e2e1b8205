"""The handover's form with its rows of promises, its answer, and a book as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from perennial.customers.models import Customer
from perennial.team.models import Team, User
from perennial.work.models import Handover, Promise
from perennial.work.onboarding.actions.handovers import (
    MOST_PROMISES,
    PROMISE_LETTERS,
    TEXT_LETTERS,
    Written,
)
from perennial.work.onboarding.forms.onboardings import colleagues, note_field

SPARE_ROWS = 3


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A row of the form: a kept promise (`pk`) or a new one."""

    at: int
    pk: str
    text: str
    who: str
    is_judged: bool = False


class HandoverForm(forms.Form):
    kind = forms.ChoiceField(label=pgettext_lazy("handover", "From → to"))
    receiver = forms.ChoiceField(label=_("Receiver"), required=False)
    from_name = forms.CharField(
        label=_("Salesperson"),
        max_length=100,
        required=False,
        help_text=_("Who sold it, if somebody without an account did."),
    )
    goals = note_field(_("Goals of the customer"), most=TEXT_LETTERS)
    expectation = note_field(_("What success is for the customer"), most=TEXT_LETTERS)
    people = forms.MultipleChoiceField(
        label=_("People to know"), required=False, widget=forms.CheckboxSelectMultiple
    )
    notes = note_field(pgettext_lazy("handover", "Notes"), most=TEXT_LETTERS, rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        customer: Customer,
        handover: Handover | None = None,
        kind: str = "",
    ) -> None:
        super().__init__(data, initial=_initial(handover, kind))
        choices: Mapping[str, list[tuple[str, str]]] = {
            "kind": [(str(value), str(label)) for value, label in Handover.Kind.choices],
            "receiver": _receivers(),
            "people": [
                (str(it.pk), f"{it.name} · {it.role}" if it.role else it.name)
                for it in customer.people.filter(to_on=None).order_by("-grade", "name")
            ],
        }
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = values

    def written(self, promises: list[tuple[int | None, str, str]]) -> Written:
        given = self.cleaned_data
        sort, _colon, pk = given["receiver"].partition(":")
        return Written(
            kind=given["kind"],
            to_user=User.objects.get(pk=pk) if sort == "user" else None,
            to_team=Team.objects.get(pk=pk) if sort == "team" else None,
            from_name=given["from_name"],
            goals=given["goals"],
            expectation=given["expectation"],
            notes=given["notes"],
            people=[int(it) for it in given["people"]],
            promises=promises,
        )


def _initial(handover: Handover | None, kind: str) -> dict[str, Any]:
    if handover is None:
        return {"kind": kind or Handover.Kind.SALES_CSM}
    names = ("kind", "from_name", "goals", "expectation", "notes", "version")
    found = {name: getattr(handover, name) for name in names}
    receiver = f"user:{handover.to_user_id}" if handover.to_user_id else ""
    receiver = receiver or (f"team:{handover.to_team_id}" if handover.to_team_id else "")
    return found | {"receiver": receiver, "people": [str(it) for it in handover.people]}


def _receivers() -> list[tuple[str, str]]:
    """Colleagues who look after customers, and their teams: any member may accept."""
    people = colleagues()
    teams = {it.team_id: it.team for it in people if it.team}
    whole = pgettext("handover", "%(team)s (whole team)")
    return [
        ("", pgettext("handover", "– not named yet –")),
        *((f"user:{it.pk}", f"{it.name} · {it.team}" if it.team else it.name) for it in people),
        *((f"team:{pk}", whole % {"team": it.name}) for pk, it in teams.items()),
    ]


def promise_rows(handover: Handover | None, given: QueryDict | None) -> list[PromiseRow]:
    """The rows as typed, else as kept; with some empty ones behind."""
    judged = set()
    rows: list[tuple[str, str, str]] = []
    if handover is not None:
        kept = list(handover.promises.order_by("pk"))
        judged = {str(it.pk) for it in kept if it.verdict != Promise.Verdict.UNKNOWN}
        rows = [(str(it.pk), it.text, it.promised_by) for it in kept]
    if given is not None:
        rows = [(str(pk or ""), text, who) for pk, text, who in promises_from(given)]
    rows += [("", "", "")] * SPARE_ROWS
    return [
        PromiseRow(at, pk, text, who, pk in judged)
        for at, (pk, text, who) in enumerate(rows[:MOST_PROMISES])
    ]


def promises_from(given: QueryDict) -> list[tuple[int | None, str, str]]:
    """(primary key, text, who) of each row that says something, cut to what is kept."""
    found: list[tuple[int | None, str, str]] = []
    for at in range(MOST_PROMISES):
        text = given.get(f"p{at}_text", "").replace("\0", "").strip()
        pk = given.get(f"p{at}_pk", "")
        who = given.get(f"p{at}_who", "").replace("\0", "").strip()
        if text or pk:
            number = int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 18 else None
            found.append((number, text[:PROMISE_LETTERS], who[:100]))
    return found


class ReturnForm(forms.Form):
    reason = note_field(_("What is missing"), most=2000, required=True)


class JudgeForm(forms.Form):
    verdict = forms.ChoiceField(
        label=pgettext_lazy("promise", "What became of it"), choices=Promise.Verdict.choices
    )
    note = note_field(_("Note"), most=PROMISE_LETTERS, rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, promise: Promise) -> None:
        names = ("verdict", "note", "version")
        super().__init__(data, initial={name: getattr(promise, name) for name in names})


class BookForm(forms.Form):
    giver = forms.ModelChoiceField(
        label=pgettext_lazy("handover", "Book of"), queryset=User.objects.none()
    )
    to_user = forms.ModelChoiceField(label=_("Receiver"), queryset=User.objects.none())
    notes = note_field(pgettext_lazy("handover", "Notes"), most=TEXT_LETTERS, rows=2)

    def __init__(self, data: Any = None, *, givers: Any) -> None:
        super().__init__(data)
        for name, rows in (("giver", givers), ("to_user", None)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            known = rows or User.objects.filter(pk__in=[it.pk for it in colleagues()])
            field.queryset = known.order_by("name")
