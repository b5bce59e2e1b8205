"""Tidying the files: those removed long ago, and those that no row knows."""

from __future__ import annotations

from datetime import datetime, timedelta

from perennial.customers.conversation import keeping
from perennial.customers.models import Attachment

KEPT_DAYS = 30  # so long a removed file may come back


def sweep(*, at: datetime) -> dict[str, int]:
    """Delete what nobody can reach any more; how many files. Safe to repeat."""
    until = at - timedelta(days=KEPT_DAYS)
    gone = Attachment.objects.filter(removed_at__lt=until)
    names = list(gone.values_list("stored_as", flat=True))
    Attachment.objects.filter(stored_as__in=names).delete()
    for name in names:
        keeping.forget(name)
    known = set(Attachment.objects.values_list("stored_as", flat=True))
    orphans = list(keeping.orphans(known))
    for path in orphans:
        path.unlink(missing_ok=True)
    return {"removed_files": len(names), "orphaned_files": len(orphans)}
