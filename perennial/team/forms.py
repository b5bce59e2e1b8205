"""Forms of the team: log-in, first administrator, a colleague, oneself."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.team.models import Role, Theme, User


class LogInForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class FirstAdministratorForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class UserForm(forms.Form):
    """A colleague; the address is fixed once it exists."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=100)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.CSM)
    team = forms.CharField(
        label=_("Team"),
        required=False,
        max_length=100,
        help_text=_("A new name makes a new team."),
        widget=forms.TextInput(attrs={"list": "teams", "autocomplete": "off"}),
    )
    is_active = forms.BooleanField(label=_("May log in"), required=False, initial=True)


class ProfileForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=100)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser")), ("zh-hans", "简体中文"), ("en", "English")],
    )
    theme = forms.ChoiceField(label=_("Theme"), required=False, choices=Theme.choices)
    capacity_hours = forms.IntegerField(
        label=_("Hours a day for customers"),
        min_value=1,
        max_value=16,
        required=False,
        help_text=_("Today draws a line where the queue fills them."),
    )


class PasswordForm(forms.Form):
    """A new password; who came by link and has none yet is not asked for the current one."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def password_form(user: User, data: QueryDict | None = None) -> PasswordForm:
    form = PasswordForm(data)
    if not user.has_usable_password():
        del form.fields["current"]
    return form


LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)
