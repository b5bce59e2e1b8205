"""Forms of touchpoints: one's own, moved, skipped, held; and the rules that plan them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Stage
from perennial.work.models import Touchpoint
from perennial.work.plans.actions.touchpoints import REASON_LETTERS
from perennial.work.plans.forms.plan import TITLE_LETTERS, Versioned, day_field, text_field
from perennial.work.plans.rules.template import LONGEST_DAYS
from perennial.work.plans.rules.touchpoints import OTHER_TIER, TIERS, Anchor
from perennial.work.plans.wording import ANCHORS


class NewTouchpointForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Touchpoint.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=TITLE_LETTERS, required=False)
    due_on = day_field(pgettext_lazy("plan", "Due on"))


class MoveForm(Versioned):
    due_on = day_field(_("To which day"))
    reason = text_field(_("Why"), most=REASON_LETTERS, rows=2, required=True)

    def __init__(self, data: Any = None, *, touchpoint: Touchpoint) -> None:
        initial = {"due_on": touchpoint.due_on, "version": touchpoint.version}
        super().__init__(data, initial=initial)


class SkipForm(Versioned):
    reason = text_field(_("Why"), most=REASON_LETTERS, rows=2, required=True)


class HoldForm(Versioned):
    """Which contact was it; none: it was held on a day."""

    touch = forms.ChoiceField(label=_("Which contact was it"), required=False)
    on = day_field(_("Or held on"), required=False)

    def __init__(
        self, data: Any = None, *, touches: list[tuple[str, str]], version: int, today: date
    ) -> None:
        super().__init__(data, initial={"version": version, "on": None if touches else today})
        touch = self.fields["touch"]
        assert isinstance(touch, forms.ChoiceField)
        touch.choices = [*touches, ("", _("none that is logged"))]


class RuleForm(forms.Form):
    """A rule of touchpoints: its days stand by tier, empty: that tier has none."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=TITLE_LETTERS)
    title_en = forms.CharField(label=_("Title in English"), max_length=TITLE_LETTERS)
    kind = forms.ChoiceField(label=_("Kind"), choices=Touchpoint.Kind.choices)
    anchor = forms.ChoiceField(label=_("Days are"), choices=list(ANCHORS.items()))
    stages = forms.MultipleChoiceField(
        label=_("Only in these stages"),
        choices=Stage.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: Any = None, *, definition: dict[str, Any] | None = None, version: int = 0
    ) -> None:
        given = definition or {}
        days = given.get("days", {})
        initial: dict[str, Any] = {f"days_{tier}": days.get(tier) for tier in TIERS}
        initial |= {f"title_{it}": given.get("title", {}).get(it, "") for it in ("zh", "en")}
        initial |= {"kind": given.get("kind"), "anchor": given.get("from", Anchor.START)}
        initial["version"] = version
        super().__init__(data, initial=initial | {"stages": given.get("stages", [])})
        for tier in TIERS:
            label = _("No tier") if tier == OTHER_TIER else tier
            self.fields[f"days_{tier}"] = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=LONGEST_DAYS
            )

    @property
    def tiers(self) -> list[Any]:
        return [self[f"days_{tier}"] for tier in TIERS]

    def definition(self, name: str) -> dict[str, Any]:
        """The text that the form means."""
        given = self.cleaned_data
        days = {tier: given[f"days_{tier}"] for tier in TIERS}
        return {
            "name": name,
            "kind": given["kind"],
            "title": {"zh": given["title_zh"].strip(), "en": given["title_en"].strip()},
            "from": given["anchor"],
            "days": {tier: count for tier, count in days.items() if count is not None},
            "stages": list(given["stages"]),
        }
