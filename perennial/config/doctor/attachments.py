"""Attached files: those that rows name are there, those that none names are swept."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from perennial.config.doctor.finding import Finding, Level
from perennial.customers.conversation import keeping
from perennial.customers.models import Attachment

FEW_ORPHANS = 20  # the worker removes them within the hour


def lying() -> Iterator[Finding]:
    known = set(Attachment.objects.values_list("stored_as", flat=True))
    missing = sum(not keeping.path_of(it).exists() for it in known)
    if missing:
        yield Finding(
            "files_missing",
            _("{count} attached files are not in the home any more.").format(count=missing),
            _("Restore a backup that has them, or remove them from their pages."),
        )
    orphans = sum(1 for _path in keeping.orphans(known))
    if orphans > FEW_ORPHANS:
        yield Finding(
            "files_orphaned",
            _("{count} files in the home belong to nothing.").format(count=orphans),
            _("`perennial worker` removes them: is one running?"),
            Level.ADVICE,
        )
