"""Assessments (评估): a scored form about a customer, and the offers that follow from it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models.customer import Customer
from perennial.customers.models.standing import CustomerKey
from perennial.team.models import User


class AssessmentTemplate(models.Model):
    """A form: areas with questions and weights; each change is a new version."""

    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    definition = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("name", "version", name="a_template_version_stands_once")
        ]


class Assessment(models.Model):
    """A filled form: `answers` by question, `scores` 0–100 by area; comparable by date."""

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="assessments")
    template = models.ForeignKey(
        AssessmentTemplate, on_delete=models.PROTECT, related_name="assessments"
    )
    made_on = models.DateField()
    answers = models.JSONField()
    scores = models.JSONField()
    maturity_score = models.FloatField(null=True)
    potential_score = models.FloatField(null=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-made_on"], name="assessments_newest_first")]


class OfferKind(models.TextChoices):
    """The six dimensions of the solution catalogue (六维)."""

    SYSTEM = "system", _("System service")
    TRAFFIC = "traffic", _("Traffic and orders")
    TALENT = "talent", _("Operations talent")
    IDEAS = "ideas", _("Business ideas")
    SUPPLY = "supply", _("Supply")
    CAPITAL = "capital", _("Capital")


class Offer(models.Model):
    """An entry of the solution catalogue; `areas` are the areas of assessments that it helps."""

    name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=OfferKind.choices)
    title_zh = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100)
    meaning = models.CharField(max_length=500, blank=True)
    areas = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True, blank=True)


class Proposal(models.Model):
    """An offer made to a customer, tracked to its result."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("offer", "proposed")
        ACCEPTED = "accepted", pgettext_lazy("offer", "accepted")
        DECLINED = "declined", pgettext_lazy("offer", "declined")
        DELIVERED = "delivered", pgettext_lazy("offer", "delivered")

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="proposals")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="proposals")
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.SET_NULL)
    area = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    result = models.TextField(blank=True)
    made_on = models.DateField()
    changed_on = models.DateField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index("customer", name="proposals_of_a_customer")]
