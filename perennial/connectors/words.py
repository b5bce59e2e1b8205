"""Words that several pages and commands of imports show."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

COUNTS = {
    "rows": pgettext_lazy("rows of a file", "rows"),
    "added": pgettext_lazy("rows of a file", "added"),
    "changed": pgettext_lazy("rows of a file", "changed"),
    "same": pgettext_lazy("rows of a file", "unchanged"),
    "duplicates": pgettext_lazy("rows of a file", "duplicates"),
    "rejected": pgettext_lazy("rows of a file", "rejected"),
    "unattributed": pgettext_lazy("rows of a file", "of unknown customers"),
    "created_customers": pgettext_lazy("rows of a file", "customers created"),
}
