"""What the analytical store needs to remember beside its tables."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

FEATURES_AT_MOST = 63  # the bits of a positive int64


class Feature(models.Model):
    """An event name that is tracked as a feature, and its bit in `activity.features`.

    Append-only: a bit never changes its meaning, or history would.
    """

    name = models.CharField(max_length=500, unique=True)
    bit = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(bit__gte=0) & Q(bit__lt=FEATURES_AT_MOST), name="feature_bit_fits"
            ),
        ]

    def __str__(self) -> str:
        return self.name
