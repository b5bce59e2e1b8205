"""Areas, questions, offers and lacks in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.assessments.rules.shipped import Solution
from perennial.customers.assessments.rules.template import MATURITY, POTENTIAL, Both, Template
from perennial.customers.models import Offer
from perennial.web.formats import chinese

YIELD_TITLES: Mapping[str, Promise] = {
    MATURITY: _("Maturity"),
    POTENTIAL: pgettext_lazy("assessment", "Potential"),
}
JUDGED: Mapping[str, Promise] = {
    "motivation": _("Motivation"),
    "ability": _("Ability"),
    "trigger": _("Trigger"),
}


def spoken(text: Both) -> str:
    """A text in the language that is spoken, else in the other."""
    first, second = ("zh", "en") if chinese() else ("en", "zh")
    return text.get(first) or text.get(second) or ""


def solution_title(it: Solution | Offer) -> str:
    return spoken({"zh": it.title_zh, "en": it.title_en})


def area_title(template: Template, name: str) -> str:
    area = template.area(name)
    return spoken(area.title) if area else name
