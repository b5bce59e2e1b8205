"""Which events are features, each with its bit in daily activity."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from perennial.events.models import FEATURES_AT_MOST, Feature


def track_features(names: Sequence[str]) -> dict[str, int]:
    """Every tracked event name and its bit, after giving free bits to new names in this order.

    Names beyond the 63rd are not tracked: they count as events, not towards feature breadth.
    """
    with transaction.atomic():
        bits = dict(Feature.objects.values_list("name", "bit"))
        new = [name for name in names if name not in bits][: FEATURES_AT_MOST - len(bits)]
        bits |= {name: bit for bit, name in enumerate(new, start=len(bits))}
        Feature.objects.bulk_create([Feature(name=name, bit=bits[name]) for name in new])
    return bits
