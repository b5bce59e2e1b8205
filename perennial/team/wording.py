"""The audit lines of a colleague, as people read them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from perennial.team.models import AuditEntry, Role, Team

TITLES = {
    "user_added": gettext_lazy("Account added"),
    "user_changed": gettext_lazy("Account changed"),
    "profile_changed": gettext_lazy("Profile changed"),
    "password_changed": gettext_lazy("Password changed"),
    "link_created": gettext_lazy("Log-in link made"),
    "link_used": gettext_lazy("Logged in by link"),
    "absence.planned": gettext_lazy("Absence planned"),
    "absence.taken_back": gettext_lazy("Absence taken back"),
    "absence.restored": gettext_lazy("Absence planned again"),
}
FIELDS = {
    "name": pgettext_lazy("person", "Name"),
    "role": gettext_lazy("Role"),
    "team": gettext_lazy("Team"),
    "active": gettext_lazy("May log in"),
}


def title(entry: AuditEntry) -> str:
    return str(TITLES.get(entry.action, entry.action))


def changes(entry: AuditEntry) -> list[str]:
    """What changed, one line for each field: `Role: CSM → CS leader`."""
    before, after = entry.detail.get("before", {}), entry.detail.get("after", {})
    return [
        f"{label}: {_shown(name, before.get(name))} → {_shown(name, after.get(name))}"
        for name, label in FIELDS.items()
        if before.get(name) != after.get(name)
    ]


def _shown(name: str, value: object) -> str:
    if name == "role" and value in Role.values:
        return str(Role(str(value)).label)
    if name == "team":
        found = Team.objects.filter(pk=value).first() if isinstance(value, int) else None
        return found.name if found else "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
