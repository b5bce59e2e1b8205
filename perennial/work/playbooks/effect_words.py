"""The effect of a playbook in words: what was measured, and what the figure says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from perennial.work.playbooks.rules.effect import LEAST, Effect

OUTCOMES: Final[Mapping[str, Promise]] = {
    "usage_28": gettext_lazy("Usage, 28 days after against before"),
    "usage_56": gettext_lazy("Usage, days 29 to 56 against before"),
    "health_28": gettext_lazy("Health score after 28 days, points"),
    "renewed": gettext_lazy("Renewed at the next due day, percentage points"),
}
COVARIATES: Final[Mapping[str, Promise]] = {
    "score": gettext_lazy("Health score"),
    "arr": gettext_lazy("ARR (logarithm)"),
    "usage": gettext_lazy("Usage, 28 d (logarithm)"),
    "trend": gettext_lazy("Usage against own past (logarithm)"),
    "due_in_days": pgettext_lazy("covariate", "Days to the due day"),
}


def effect_words(found: Effect) -> str:
    """One sentence: told from nothing, or not, or why there is no figure."""
    if found.difference is None or found.low is None or found.high is None:
        return _("only %(n)s matched customers; a figure needs %(least)s") % {
            "n": found.n,
            "least": LEAST,
        }
    if found.low > 0:
        return _("better than customers like them")
    if found.high < 0:
        return _("worse than customers like them")
    return _("not told from nothing: the interval holds zero")
