"""Segments: named groups of customers, and who enters and leaves them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perennial.customers.models.customer import Customer
from perennial.customers.models.standing import CustomerKey
from perennial.team.models import User


class Segment(models.Model):
    """A filter with a name (A8): used in lists, health profiles, alerts, playbooks and reports.

    `name` is what filters and definitions say ([a-z0-9_]{1,40}); never changed once used.
    """

    name = models.CharField(max_length=40, unique=True)
    title_zh = models.CharField(max_length=60)
    title_en = models.CharField(max_length=60)
    filter = models.CharField(max_length=2000)  # text of customers.filters
    meaning = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    shared = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)


class SegmentMember(models.Model):
    """A customer was in a segment from a day until a day (half-open); null: still is."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="segments")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "segment",
                "customer",
                condition=Q(until_on__isnull=True),
                name="a_customer_is_in_a_segment_once",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")),
                name="a_member_leaves_after_entering",
            ),
        ]
        indexes = [  # who entered and left lately
            models.Index(fields=["segment", "-from_on"], name="members_who_entered"),
            models.Index(fields=["segment", "-until_on"], name="members_who_left"),
        ]


class LinkKind(models.TextChoices):
    SUPPLIES = "supplies", _("supplies")
    PARTNER = "partner", _("works with")


class CustomerLink(models.Model):
    """Two customers who do business with each other (上下游): `customer` supplies `other`."""

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="links")
    other = CustomerKey(Customer, on_delete=models.CASCADE, related_name="links_in")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("customer", "other", "kind", name="a_link_stands_once"),
            models.CheckConstraint(
                condition=~Q(customer=F("other")), name="a_customer_is_not_linked_to_itself"
            ),
        ]
