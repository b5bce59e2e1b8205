"""What people fill in about a source."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.events.models import Source, SourceKind
from perennial.events.queries.sources import settings_of
from perennial.events.rules.sources import KILOBYTE, NAME_LETTERS, SourceSettings

OVERLAPS: Final = (
    (0, _("stop at once")),
    (1, _("go on for an hour")),
    (24, _("go on for a day")),
    (168, _("go on for 7 days")),
    (720, _("go on for 30 days")),
)
_TEXT: Final = {"autocomplete": "off", "spellcheck": "false"}


class SettingsForm(forms.Form):
    """Everything that may change at a source; sizes are shown in kilobytes."""

    origins = forms.CharField(
        label=_("Allowed sites"),
        required=False,
        help_text=_("One per line, like https://app.example.com; empty: any site."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    requests_per_minute = forms.IntegerField(
        label=_("Requests a minute"),
        required=False,
        min_value=1,
        help_text=_("Beyond it, clients are asked to wait; empty: no limit."),
    )
    silent_after_hours = forms.IntegerField(
        label=_("Alarm after hours of silence"),
        required=False,
        min_value=1,
        help_text=_("Hours in which this source never sends do not count; empty: no alarm."),
    )
    event_kilobytes = forms.IntegerField(label=_("Largest event, KB"), min_value=1)
    batch_kilobytes = forms.IntegerField(
        label=_("Largest request, KB"),
        min_value=1,
        help_text=_("Unpacked. RudderStack clients may send up to 4,000."),
    )
    product = forms.CharField(
        label=_("Product"),
        required=False,
        max_length=100,
        help_text=_("For events that name none."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    group_type = forms.CharField(
        label=_("Group type of a customer"),
        required=False,
        max_length=60,
        help_text=_("PostHog only; empty: company, organization, account or customer."),
        widget=forms.TextInput(attrs=_TEXT),
    )

    def __init__(self, data: QueryDict | None = None, *, source: Source | None = None) -> None:
        standing = settings_of(source) if source else SourceSettings()
        super().__init__(data, initial=_shown(standing))
        if source and source.kind == SourceKind.SERVER:
            del self.fields["origins"]

    def settings(self) -> SourceSettings:
        """What was filled in; the actions judge it."""
        given = self.cleaned_data
        return SourceSettings(
            event_bytes=given["event_kilobytes"] * KILOBYTE,
            batch_bytes=given["batch_kilobytes"] * KILOBYTE,
            requests_per_minute=given["requests_per_minute"],
            origins=tuple(given.get("origins", "").split()),
            group_type=given["group_type"],
            product=given["product"],
            silent_after_hours=given["silent_after_hours"],
        )


def _shown(settings: SourceSettings) -> dict[str, Any]:
    return {
        "origins": "\n".join(settings.origins),
        "requests_per_minute": settings.requests_per_minute,
        "silent_after_hours": settings.silent_after_hours,
        "event_kilobytes": settings.event_bytes // KILOBYTE,
        "batch_kilobytes": settings.batch_bytes // KILOBYTE,
        "product": settings.product,
        "group_type": settings.group_type,
    }


class AddForm(forms.Form):
    """A new source: a name that stays, and who sends."""

    name = forms.CharField(
        label=pgettext_lazy("source", "Name"),
        max_length=NAME_LETTERS,
        help_text=_("It stands beside every event and is never changed: web, app, billing …"),
        widget=forms.TextInput(attrs=_TEXT | {"autofocus": True}),
    )
    kind = forms.ChoiceField(
        label=_("Who sends?"), choices=SourceKind.choices, widget=forms.RadioSelect
    )
    origins = forms.CharField(
        label=_("Allowed sites"),
        required=False,
        help_text=_("Browser only. One per line, like https://app.example.com; empty: any site."),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    def settings(self) -> SourceSettings:
        origins = tuple(self.cleaned_data["origins"].split())
        return SourceSettings(origins=origins if self.cleaned_data["kind"] == "browser" else ())


class RotateForm(forms.Form):
    overlap = forms.TypedChoiceField(
        label=_("The old key shall"), choices=OVERLAPS, coerce=int, initial=24
    )

    def time(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["overlap"])
