"""Frozen periods (封账): what was reported, word for word, and who stood behind each figure."""

from __future__ import annotations

from django.db import models

from perennial.customers.models import Customer
from perennial.revenue.models.changes import MovementKind
from perennial.team.models import User


class Close(models.Model):
    """A period as it was reported, known by the end of `known_on`. Never edited: a later
    correction of the ledger shows as a restatement beside it, and a wrong close is replaced by a
    new one of the same period (the newest is in force, the old one stays).

    `figures` holds the documents of the revenue commands; `fingerprint` is the SHA-256 of all
    that was frozen, the lines included, so that a reprint can prove itself.
    """

    period = models.CharField(max_length=10)  # 2025-01, 2025-Q1, 2025
    first_on = models.DateField()
    last_on = models.DateField()
    known_on = models.DateField()
    currency = models.CharField(max_length=3)
    definitions = models.JSONField()
    rates = models.JSONField(default=dict)  # plan: currency → p/q; spot: currency → [day, p/q]
    figures = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index("last_on", name="closes_in_order"),
            models.Index("period", "made_at", name="closes_of_a_period"),
        ]


class CloseLine(models.Model):
    """One customer in a close: exact MRR (p/q) at both ends of the period, as reported. `unit`
    names its product or order when the definitions compare those (level), else it is empty."""

    close = models.ForeignKey(Close, on_delete=models.CASCADE, related_name="lines")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=200, blank=True)
    before_exact = models.CharField(max_length=200)
    after_exact = models.CharField(max_length=200)
    paying_before = models.BooleanField()
    paying_after = models.BooleanField()
    kind = models.CharField(max_length=20, choices=MovementKind.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("close", "customer", "unit", name="a_customer_is_closed_once"),
        ]
