"""The desk's one table: what the list, Today and the palette show of a customer."""

from __future__ import annotations

from django.db import models

from perennial.customers.models import Customer, Stage


class CustomerFigures(models.Model):
    """One derived row per customer, rebuilt by the day; names, tier and owner stay with the
    customer, so that an edit shows at once. Unknown is null, never zero."""

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="figures"
    )
    stage = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    mrr = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    arr = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    score = models.FloatField(null=True)
    band = models.CharField(max_length=10, blank=True)  # a health.models.Band
    coverage_rate = models.FloatField(null=True)
    score_before = models.FloatField(null=True)  # at the end of the day before
    score_change = models.FloatField(null=True)  # against 30 days ago
    trend = models.JSONField(default=list)  # 12 weeks of usage, oldest first
    usage_trend_rate = models.FloatField(null=True)  # 28 days against the 84 before, per day
    seats_used = models.PositiveIntegerField(null=True)
    seats_bought = models.PositiveIntegerField(null=True)
    seat_rate = models.FloatField(null=True)
    renewal_on = models.DateField(null=True)
    renewal_amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    is_renewed = models.BooleanField(default=False)  # what falls due is already renewed
    nps = models.FloatField(null=True)
    open_tickets = models.PositiveIntegerField(default=0)
    open_alerts = models.PositiveIntegerField(default=0)
    last_touch_on = models.DateField(null=True)
    last_seen_on = models.DateField(null=True)
    is_silent = models.BooleanField(default=False)
    money_at_risk = models.DecimalField(max_digits=20, decimal_places=2, null=True)

    class Meta:
        indexes = [  # each is a sort of the customer list
            models.Index(fields=["arr"], name="figures_by_arr"),
            models.Index(fields=["score"], name="figures_by_score"),
            models.Index(fields=["usage_trend_rate"], name="figures_by_usage"),
            models.Index(fields=["seat_rate"], name="figures_by_seats"),
            models.Index(fields=["renewal_on"], name="figures_by_renewal"),
            models.Index(fields=["nps"], name="figures_by_nps"),
            models.Index(fields=["open_tickets"], name="figures_by_tickets"),
            models.Index(fields=["last_touch_on"], name="figures_by_touch"),
            models.Index(fields=["money_at_risk"], name="figures_by_risk"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)
