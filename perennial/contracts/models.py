"""The order ledger: append-only, with effective time and recorded time beside each other.

A correction is a new row with the same (order_id, line) and a later `recorded_at`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer, CustomerKey


class OrderKind(models.TextChoices):
    NEW = "new", pgettext_lazy("kind of order", "new")
    RENEWAL = "renewal", pgettext_lazy("kind of order", "renewal")
    ADDON = "addon", pgettext_lazy("kind of order", "add-on")
    DOWNSELL = "downsell", pgettext_lazy("kind of order", "downsell")
    TRIAL = "trial", pgettext_lazy("kind of order", "trial")
    BUYOUT = "buyout", pgettext_lazy("kind of order", "buy-out")
    USAGE = "usage", pgettext_lazy("kind of order", "usage")
    CANCELLATION = "cancellation", pgettext_lazy("kind of order", "cancellation")


class Basis(models.TextChoices):
    """What the recurring amount means."""

    TERM = "term", _("for the whole term")
    INTERVAL = "interval", _("per interval")
    MRR = "mrr", _("per month")
    ARR = "arr", _("per year")
    TOTAL = "total", _("a total whose one-off share is not known")
    NONE = "none", _("no recurring amount")


class OrderLine(models.Model):
    """One line of an order as it was known from `recorded_at` on."""

    order_id = models.CharField(max_length=200)
    line = models.CharField(max_length=50, default="1")
    customer = CustomerKey(Customer, on_delete=models.PROTECT, related_name="order_lines")
    kind = models.CharField(max_length=20, choices=OrderKind.choices)
    product = models.CharField(max_length=200, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True)
    start_on = models.DateField()
    end_on = models.DateField(null=True, blank=True)  # exclusive; null: open-ended
    signed_on = models.DateField()
    signed_assumed = models.BooleanField(default=False)
    recurring_amount = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    interval_months = models.PositiveIntegerField(default=1)
    one_off_amount = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    discount_amount = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    discount_end_on = models.DateField(null=True, blank=True)  # exclusive
    auto_renew = models.BooleanField(null=True)
    notice_days = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    renews = models.JSONField(default=list)  # order ids
    void = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "order_id", "line", "recorded_at", name="a_line_is_known_once_at_a_moment"
            ),
            models.CheckConstraint(
                condition=Q(end_on__isnull=True) | Q(end_on__gt=F("start_on")),
                name="a_line_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(basis="none") | Q(recurring_amount__isnull=True),
                name="an_amount_has_a_basis",
            ),
        ]
        indexes = [
            models.Index("customer", "start_on", name="ledger_of_a_customer"),
            models.Index("recorded_at", name="ledger_since_a_watermark"),
            models.Index("batch", name="lines_of_an_import"),
        ]


class Pause(models.Model):
    """Service paused from start_on to end_on (exclusive); of one order, or of the customer."""

    customer = CustomerKey(Customer, on_delete=models.PROTECT, related_name="pauses")
    order_id = models.CharField(max_length=200, blank=True)
    start_on = models.DateField()
    end_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "customer", "order_id", "start_on", "recorded_at", name="a_pause_is_known_once"
            ),
            models.CheckConstraint(
                condition=Q(end_on__isnull=True) | Q(end_on__gt=F("start_on")),
                name="a_pause_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index("batch", name="pauses_of_an_import")]


class ServiceTerm(models.Model):
    """What follows from the ledger as it is known now: a line in service over
    [start_on, end_on). Derived; see contracts.rules.Term for the fields."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="terms")
    order_id = models.CharField(max_length=200)
    line = models.CharField(max_length=50)
    kind = models.CharField(max_length=20, choices=OrderKind.choices)
    product = models.CharField(max_length=200, blank=True)
    seats = models.PositiveIntegerField(null=True)
    start_on = models.DateField()
    end_on = models.DateField(null=True)
    scheduled_end_on = models.DateField(null=True)
    due_end_on = models.DateField(null=True)
    signed_on = models.DateField()
    mrr_exact = models.CharField(max_length=200)  # p/q
    currency = models.CharField(max_length=3)
    renews = models.JSONField(default=list)
    ending = models.CharField(max_length=10)
    notice_on = models.DateField(null=True)
    notice_recorded_on = models.DateField(null=True)
    unknown = models.CharField(max_length=30, blank=True)
    usage_exact = models.CharField(max_length=200, default="0")  # p/q
    one_off_exact = models.CharField(max_length=200, default="0")
    discount_end_on = models.DateField(null=True)
    discounted_exact = models.CharField(max_length=200, default="0")
    full_exact = models.CharField(max_length=200, default="0")
    auto_renew = models.BooleanField(null=True)
    notice_days = models.PositiveIntegerField(null=True)
    pauses = models.JSONField(default=list)  # [start, end or null]

    class Meta:
        indexes = [
            models.Index("customer", "start_on", name="terms_of_a_customer"),
            models.Index("due_end_on", name="terms_by_due_day"),  # what falls due next
        ]


class LedgerMark(models.Model):
    """Which ledger rows the terms of a customer were made from."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True)
    mark = models.CharField(max_length=100)


class Invoice(models.Model):
    """An invoice, light (B4): due, paid, overdue."""

    external_id = models.CharField(max_length=200, unique=True)
    customer = CustomerKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    issued_on = models.DateField()
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    currency = models.CharField(max_length=3)
    paid_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index("customer", "due_on", name="invoices_of_a_customer"),
            models.Index("batch", name="invoices_of_an_import"),
        ]
