"""Support tickets (工单), as facts; the help desk itself has its own issue."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from perennial.customers.models import Customer, CustomerKey


class Ticket(models.Model):
    external_id = models.CharField(max_length=200, unique=True)
    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="tickets")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    kind = models.CharField(max_length=50, blank=True)
    priority = models.CharField(max_length=30, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    satisfaction = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="a_ticket_closes_after_it_opens",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="tickets_newest_first"),
            models.Index("batch", name="tickets_of_an_import"),
        ]
