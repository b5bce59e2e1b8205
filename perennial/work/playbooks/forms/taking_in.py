"""Start a playbook at a customer, or take many in: which one, where, and who does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team.models import User
from perennial.work.forms import colleagues_of

SHOWN = 5


class PlaybookForm(forms.Form):
    """Which playbook."""

    playbook = forms.ChoiceField(label=pgettext_lazy("form", "Playbook"))

    def __init__(
        self, data: Any = None, *, choices: Sequence[tuple[str, str]], chosen: str
    ) -> None:
        super().__init__(data, initial={"playbook": chosen})
        field = self.fields["playbook"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class StartForm(PlaybookForm):
    """The playbook, the customer (typed when none is given), and who does its steps."""

    customer = forms.CharField(
        label=_("Customer"),
        required=False,
        max_length=200,
        help_text=_("Its name or id."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    doer = forms.TypedChoiceField(
        label=_("Who does its steps"), required=False, coerce=int, empty_value=None
    )

    def __init__(
        self,
        data: Any = None,
        *,
        choices: Sequence[tuple[str, str]],
        chosen: str,
        user: User,
        customer: Customer | None,
    ) -> None:
        super().__init__(data, choices=choices, chosen=chosen)
        self.user, self.at_customer = user, customer
        owners = colleagues_of(customer) if customer else []
        field = self.fields["doer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("As the playbook says")), *((it.pk, it.name) for it in owners)]
        if customer is not None:
            del self.fields["customer"]
        else:
            del self.fields["doer"]

    def clean_customer(self) -> str:
        """Finds the one customer that is meant, among those that the user sees."""
        typed = self.cleaned_data["customer"].strip()
        seen = visible_customers(self.user)
        exact = seen.filter(external_id=typed) | seen.filter(name=typed)
        found = list((exact if exact.exists() else seen.filter(name__icontains=typed))[:SHOWN])
        if not typed or not found:
            raise forms.ValidationError(_("There is no customer of this name."))
        if len(found) > 1:
            names = "、".join(it.name for it in found)
            raise forms.ValidationError(_("Which one: %(names)s?"), params={"names": names})
        self.at_customer = found[0]
        return str(typed)

    def chosen_owner(self) -> User | None:
        pk = self.cleaned_data.get("doer")
        return User.objects.filter(pk=pk).first() if pk else None
