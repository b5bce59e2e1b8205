"""The health of today, one derived row per customer; its history is in the store."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer


class Band(models.TextChoices):
    RED = "red", _("At risk")
    YELLOW = "yellow", _("Needs attention")
    GREEN = "green", _("Healthy")
    UNKNOWN = "unknown", _("Not enough data")


class CurrentHealth(models.Model):
    """Derived: deleted and rebuilt by the day. No row: service ended, nothing to judge.

    `score` is None when nothing was measured; with band `unknown` it may still have a value,
    which is shown grey. `parts` is the list that `health.queries.parts_of` reads.
    """

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="health"
    )
    as_of = models.DateField()
    score = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    band = models.CharField(max_length=10, choices=Band.choices)
    read_band = models.CharField(max_length=10, choices=Band.choices)  # before settling
    coverage_rate = models.FloatField()
    profile = models.CharField(max_length=30)
    version = models.PositiveIntegerField()
    changed_on = models.DateField()
    score_30d_ago = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    parts = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index("band", "score", name="health_by_band")]  # lists and the queue
