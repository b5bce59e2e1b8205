"""What people type about calls to action."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customer
from perennial.team.models import Role, Team, User
from perennial.work.actions.making import LONGEST_TEXT
from perennial.work.models import Outcome, Priority, Reason, Type, WorkItem

# Reasons that a person may give; the others belong to the day.
OWN_REASONS: Final = (
    Reason.TASK,
    Reason.LOW_HEALTH,
    Reason.CONTACT_LEFT,
    Reason.SUPPORT_LOAD,
    Reason.ONBOARDING_STUCK,
    Reason.RENEWAL_DUE,
    Reason.GROWTH,
)
ENDINGS: Final = (Outcome.SUCCESS, Outcome.FAILED, Outcome.NOT_NEEDED)
WORKING_ROLES: Final = (Role.ADMIN, Role.LEADER, Role.CSM)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class ItemForm(forms.Form):
    """A call to action; `whose` is empty for the customer's CSM, user:ID or team:ID."""

    title = forms.CharField(
        label=_("What is to be done"),
        max_length=200,
        widget=forms.TextInput(attrs={"autofocus": ""}),
    )
    type = forms.ChoiceField(label=_("Type"), choices=Type.choices, initial=Type.OBJECTIVE)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(it.value, it.label) for it in OWN_REASONS], required=False
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL, coerce=int
    )
    due_on = _day(_("Due"))
    whose = forms.ChoiceField(label=_("Whose"), required=False)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("**bold**, lists and links work"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, customer: Customer, item: WorkItem | None = None
    ) -> None:
        super().__init__(data, initial=_as_typed(item) if item else None)
        whose = self.fields["whose"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = whose_choices(customer)
        if item:
            del self.fields["reason"], self.fields["whose"]

    def owner(self) -> User | None:
        kind, _sep, pk = self.cleaned_data.get("whose", "").partition(":")
        return User.objects.get(pk=int(pk)) if kind == "user" else None

    def team(self) -> Team | None:
        kind, _sep, pk = self.cleaned_data.get("whose", "").partition(":")
        return Team.objects.get(pk=int(pk)) if kind == "team" else None


def _as_typed(item: WorkItem) -> dict[str, Any]:
    names = ("title", "type", "priority", "due_on", "text", "version")
    return {name: getattr(item, name) for name in names}


def whose_choices(customer: Customer) -> list[Any]:
    """Who may have an item of this customer: its CSM, colleagues who see it, departments."""
    csm = customer.owner.name if customer.owner else _("nobody yet")
    nobody = (pgettext_lazy("whose", "The CSM"), [("", f"{csm}")])
    people = [(f"user:{it.pk}", it.name) for it in colleagues_of(customer)]
    teams = [(f"team:{it.pk}", it.name) for it in Team.objects.order_by("name")]
    return [nobody, (_("Colleagues"), people), (_("Department queues"), teams)]


def colleagues_of(customer: Customer) -> list[User]:
    """Working colleagues who do things at customers and may see this one, by name."""
    working = User.objects.filter(is_active=True, role__in=WORKING_ROLES).select_related("team")
    return [it for it in working.order_by("name", "pk") if visible_customer(it, customer).exists()]


class SnoozeForm(forms.Form):
    days = forms.IntegerField(min_value=1, max_value=180)
    reason = forms.CharField(max_length=200, required=False)


class CloseForm(forms.Form):
    """How it ended; and, in one go, the touch that ended it."""

    outcome = forms.ChoiceField(choices=[(it.value, it.label) for it in ENDINGS])
    note = forms.CharField(max_length=4000, required=False, widget=forms.Textarea)
