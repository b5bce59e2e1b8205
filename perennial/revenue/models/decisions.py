"""What people decided about the figures. Append-only: the newest row recorded by a day holds on
that day, so that a figure can be had again as it was defined then."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from perennial.team.models import User


class Definition(models.Model):
    """A named setting of revenue.rules.definitions, or another parameter of a page (thresholds,
    margins, rates per hour), from `recorded_at` on. `value` null: back to the default."""

    name = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index("name", "recorded_at", name="definitions_by_name")]


class FxRate(models.Model):
    """Units of `into` (the company's currency) per one unit of `currency`. `effective_on` null:
    the plan rate (constant currency); else the spot rate from that day on. `rate` null:
    withdrawn."""

    currency = models.CharField(max_length=3)
    into = models.CharField(max_length=3)
    effective_on = models.DateField(null=True, blank=True)
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rate__isnull=True) | models.Q(rate__gt=0),
                name="a_rate_is_above_zero",
            ),
        ]
        indexes = [models.Index("currency", "recorded_at", name="rates_by_currency")]


class ExclusionReason(models.TextChoices):
    CLOSED = "closed", pgettext_lazy("reason of an exclusion", "customer closed down")
    MERGED = "merged", pgettext_lazy("reason of an exclusion", "customer merged")
    DUPLICATE = "duplicate", pgettext_lazy("reason of an exclusion", "test or duplicate account")


class Exclusion(models.Model):
    """An order left out of the adjusted renewal rates (剔除). It counts once approved by somebody
    else than the one who proposed it; `void` takes it back from `recorded_at` on."""

    order_id = models.CharField(max_length=200)
    reason = models.CharField(max_length=20, choices=ExclusionReason.choices)
    evidence = models.CharField(max_length=1000)
    approved_by = models.CharField(max_length=200, blank=True)  # empty: only proposed
    void = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index("order_id", "recorded_at", name="exclusions_by_order")]


class CreditedTo(models.TextChoices):
    SALES = "sales", pgettext_lazy("credit of an upsell", "sales")
    CSM = "csm", pgettext_lazy("credit of an upsell", "CSM")


class CreditOverride(models.Model):
    """Somebody decided against the window who is credited with an upsell order; the reason is
    required. `void` takes it back."""

    order_id = models.CharField(max_length=200)
    credited_to = models.CharField(max_length=10, choices=CreditedTo.choices)
    reason = models.CharField(max_length=1000)
    void = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="an_override_has_a_reason"),
        ]
        indexes = [models.Index("order_id", "recorded_at", name="credit_by_order")]


class MonthlyCostKind(models.TextChoices):
    SALES_MARKETING = "sales_marketing", pgettext_lazy("kind of cost", "sales and marketing")
    DELIVERY = "delivery", pgettext_lazy("kind of cost", "delivery and hosting")


class MonthlyCost(models.Model):
    """What the company spent in a month, fully loaded, in its currency; `channel` '' is all."""

    month_on = models.DateField()  # the month's first day
    kind = models.CharField(max_length=20, choices=MonthlyCostKind.choices)
    channel = models.CharField(max_length=100, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)  # null: withdrawn
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index("month_on", "recorded_at", name="costs_by_month")]
