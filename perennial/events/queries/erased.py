"""Who was erased: only whoever has an id can ask, for nothing but keyed hashes is kept."""

from __future__ import annotations

from django.conf import settings

from perennial.events.models import Tombstone
from perennial.events.rules.tombstones import tombstone


def erased_among(ids: set[str]) -> set[str]:
    """Those of some ids that were erased; nothing is hashed while nobody was."""
    digests = set(Tombstone.objects.values_list("digest", flat=True))
    if not digests:
        return set()
    return {it for it in ids if tombstone(it, key=str(settings.SECRET_KEY)) in digests}
