from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.notify.models import ChannelKind, How, Topic
from perennial.notify.rules import Quiet
from perennial.team.models import Team

HINTS = {
    Topic.DIGEST: _("One mail a day, when there is something to do or something has changed."),
    Topic.ALERT: _("At most three a day, where the highest tenth of your money is at stake."),
}


class WishForm(forms.Form):
    """How each topic reaches the reader: one choice per topic, named as the topic."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for topic in Topic:
            self.fields[topic.value] = forms.ChoiceField(
                label=topic.label,
                help_text=HINTS.get(topic, ""),
                choices=[(how.value, how.label) for how in hows_of(topic)],
            )

    def hows(self) -> dict[Topic, How]:
        return {topic: How(self.cleaned_data[topic.value]) for topic in Topic}


def hows_of(topic: Topic) -> tuple[How, ...]:
    """The digest cannot come at once: it comes in the morning, or not as a mail."""
    return (How.DIGEST, How.OFF) if topic is Topic.DIGEST else tuple(How)


class QuietForm(forms.Form):
    """When to be left alone; both empty: never."""

    quiet_from = forms.TimeField(
        label=pgettext_lazy("quiet hours", "From"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=pgettext_lazy("quiet hours", "Until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_weekends = forms.BooleanField(label=_("Saturdays and Sundays, too"), required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        begins, ends = found.get("quiet_from"), found.get("quiet_until")
        if (begins is None) != (ends is None):
            missing = "quiet_from" if begins is None else "quiet_until"
            self.add_error(missing, _("Give both hours, or neither."))
        elif begins is not None and begins == ends:
            self.add_error("quiet_until", _("Quiet hours end at another time than they begin."))
        return found

    def quiet(self) -> Quiet:
        given = self.cleaned_data
        return Quiet(given["quiet_from"], given["quiet_until"], given["quiet_weekends"])


class ChannelForm(forms.Form):
    """A channel; when it is changed, an empty address or secret stays what it is."""

    name = forms.CharField(label=pgettext_lazy("channel", "Name"), max_length=60)
    kind = forms.ChoiceField(label=pgettext_lazy("channel", "Kind"), choices=ChannelKind.choices)
    address = forms.CharField(
        label=pgettext_lazy("channel", "Address"),
        help_text=_("Stored encrypted and never shown again. https only, not inside a private "
                    "network."),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Signing secret"),
        help_text=_("Only DingTalk and Feishu, when the robot has a signature check. A webhook "
                    "gets one from us."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        label=pgettext_lazy("channel", "Team"),
        help_text=_("Only what concerns this team's customers and colleagues goes there. For "
                    "everybody: all who read the chat see names of all customers."),
        queryset=Team.objects.order_by("name"),
        required=False,
        empty_label=pgettext_lazy("channel", "everybody"),
    )  # fmt: skip
    topics = forms.MultipleChoiceField(
        label=pgettext_lazy("channel", "Topics"),
        choices=Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=pgettext_lazy("channel", "Language"), choices=settings.LANGUAGES
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def for_change(self) -> None:
        """Nothing must be entered again: the kind stays, secrets stay when left empty."""
        del self.fields["kind"]
        self.fields["address"].required = False
