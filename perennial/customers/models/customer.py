"""The customer, and which customers are one company."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.team.models import Team, User


class Tier(models.TextChoices):
    S = "S", "S"
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"


class Stage(models.TextChoices):
    ONBOARDING = "onboarding", _("Onboarding")
    STEADY = "steady", _("Steady")
    PRE_RENEWAL = "pre_renewal", _("Pre-renewal")
    CHURNED = "churned", _("Churned")
    WON_BACK = "won_back", _("Won back")


class Fit(models.TextChoices):
    """Is it a customer for whom we are made (目标客户)?"""

    TARGET = "target", pgettext_lazy("target customer", "Target")
    NON_TARGET = "non_target", pgettext_lazy("target customer", "Non-target")
    UNKNOWN = "unknown", pgettext_lazy("target customer", "Not known")


class Customer(models.Model):
    """A company that we serve. `external_id` is its name in every file and event.

    Tier, fit and stage are what holds now; since when and why is in Classification.
    """

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    pinyin = models.CharField(max_length=300, blank=True)  # initials and syllables, for search
    industry = models.CharField(max_length=100, blank=True)
    size = models.CharField(max_length=50, blank=True)
    region = models.CharField(max_length=100, blank=True)
    website = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    tags = models.JSONField(default=list)
    products = models.JSONField(default=list)  # in service now; kept by contracts' day
    tier = models.CharField(max_length=1, choices=Tier.choices, blank=True)
    imported_tier = models.CharField(max_length=1, choices=Tier.choices, blank=True)  # a fact
    fit = models.CharField(max_length=12, choices=Fit.choices, blank=True)
    stage = models.CharField(max_length=20, choices=Stage.choices, blank=True)
    stage_since_on = models.DateField(null=True, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    created_on = models.DateField(null=True, blank=True)
    observed_until = models.DateField(null=True, blank=True)
    custom = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)  # two editors: the second sees a conflict
    batch = models.BigIntegerField(null=True, blank=True)  # the import that made this row
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(external_id=""), name="customer_has_an_id"),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_a_name"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="customer_is_not_its_own_parent",
            ),
        ]
        indexes = [
            models.Index("owner", name="customers_of_an_owner"),  # the gate: own
            models.Index("batch", name="customers_of_an_import"),  # undo
            models.Index(  # readers put the survivor for the merged: few of many
                fields=["id", "merged_into"],
                condition=Q(merged_into__isnull=False),
                name="customers_merged",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Merge(models.Model):
    """Two records that are one company: from a moment on, `customer` stands under `into`.

    A dated alias that readers resolve; nothing that was stored under the customer is rewritten.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    into = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges_in")
    merged_at = models.DateTimeField()
    by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="merges"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "customer",
                condition=Q(undone_at__isnull=True),
                name="a_customer_stands_under_one",
            ),
            models.CheckConstraint(
                condition=~Q(customer=F("into")), name="a_customer_is_not_merged_into_itself"
            ),
        ]
