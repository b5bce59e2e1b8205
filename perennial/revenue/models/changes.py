"""What the day derives from the ledger: each customer's MRR over time. Never edited."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer


class MovementKind(models.TextChoices):
    NEW = "new", pgettext_lazy("revenue movement", "New")
    EXPANSION = "expansion", pgettext_lazy("revenue movement", "Expansion")
    REACTIVATION = "reactivation", pgettext_lazy("revenue movement", "Reactivation")
    CONTRACTION = "contraction", pgettext_lazy("revenue movement", "Contraction")
    CHURN = "churn", pgettext_lazy("revenue movement", "Churn")


class MrrChange(models.Model):
    """A customer's MRR changed at the end of `changed_on`, and stays so until `until_on`.

    The exact amounts are fractions as text; the decimals beside them are for reading. `kind`
    is the day's net movement, empty when neither the amount nor the paying changed hands.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="mrr_changes")
    rank = models.PositiveIntegerField()  # 0 is the customer's first change
    changed_on = models.DateField()
    until_on = models.DateField(null=True)  # exclusive; null: to this day
    kind = models.CharField(max_length=20, choices=MovementKind.choices, blank=True)
    before_exact = models.CharField(max_length=200)  # p/q
    after_exact = models.CharField(max_length=200)
    before = models.DecimalField(max_digits=20, decimal_places=2)
    after = models.DecimalField(max_digits=20, decimal_places=2)
    paying_before = models.BooleanField()
    paying_after = models.BooleanField()
    unknown = models.CharField(max_length=20, blank=True)  # why `after` cannot be told

    class Meta:
        constraints = [
            models.UniqueConstraint("customer", "rank", name="a_change_has_its_place"),
            models.UniqueConstraint("customer", "changed_on", name="one_change_a_day"),
        ]
        indexes = [models.Index("changed_on", name="changes_of_a_period")]


class RevenueMark(models.Model):
    """What the changes of a customer were made from, and what is missing to tell them all."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True)
    mark = models.CharField(max_length=120)
    missing_rates = models.JSONField(default=list)  # currencies
    split_missing = models.JSONField(default=list)  # orders without their recurring share
