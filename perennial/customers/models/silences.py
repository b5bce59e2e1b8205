"""Why customers went silent (沉默), as they or we say it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from perennial.customers.models.customer import Customer
from perennial.customers.models.standing import CustomerKey
from perennial.team.models import User


class SilenceReason(models.TextChoices):
    """Few, so that they can be counted."""

    NO_NEED = "no_need", _("The need is gone")
    OTHER_TOOL = "other_tool", _("Uses another tool")
    PERSON_LEFT = "person_left", _("Whoever used it left")
    NOT_LEARNED = "not_learned", _("Nobody learned it")
    NO_VALUE = "no_value", _("Sees no value")
    BAD_EXPERIENCE = "bad_experience", _("Bad experience")
    SEASON = "season", _("Out of season")
    UNREACHABLE = "unreachable", _("Cannot be reached")
    OTHER = "other", _("Another reason")


class Silence(models.Model):
    """One answer to why a customer does not use the product; append-only, the newest counts.

    `silent_since_on`: the last day it was seen then; a later silence asks anew.
    """

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="silences")
    reason = models.CharField(max_length=20, choices=SilenceReason.choices)
    note = models.CharField(max_length=500, blank=True)
    silent_since_on = models.DateField(null=True)
    said_on = models.DateField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "-recorded_at"], name="silences_newest_first")]
