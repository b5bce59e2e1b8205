"""The version of a playbook that counts now; a shipped one gets its rows on first use."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perennial.work.models import Playbook, PlaybookVersion
from perennial.work.playbooks.rules.definition import plain
from perennial.work.playbooks.shipped import shipped


def playbook_row(name: str, *, at: datetime) -> Playbook | None:
    """The playbook of this name, retired or not; None when there is none."""
    row = Playbook.objects.filter(name=name).first()
    if row is not None or name not in shipped():
        return row
    with transaction.atomic():
        row, is_new = Playbook.objects.get_or_create(name=name, defaults={"made_at": at})
        if is_new:
            PlaybookVersion.objects.create(
                playbook=row,
                number=1,
                definition=plain(shipped()[name]),
                changed_at=at,
                published_at=at,
            )
    return row


def newest(playbook: Playbook) -> PlaybookVersion | None:
    """The newest published version; None while there is a draft alone."""
    published = playbook.versions.filter(published_at__isnull=False)
    return published.select_related("playbook").order_by("-number").first()


def version_in_force(name: str, *, at: datetime) -> PlaybookVersion | None:
    """What a new run of this playbook would follow; None: there is none, or it is retired."""
    row = playbook_row(name, at=at)
    return newest(row) if row is not None and row.retired_at is None else None
