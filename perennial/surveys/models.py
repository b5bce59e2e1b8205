"""Survey answers (NPS, CSAT, CES), as facts; asking has its own issue."""

from __future__ import annotations

from django.db import models

from perennial.customers.models import Customer, CustomerKey


class SurveyKind(models.TextChoices):
    NPS = "nps", "NPS"
    CSAT = "csat", "CSAT"
    CES = "ces", "CES"


class Answer(models.Model):
    external_id = models.CharField(max_length=200, unique=True)
    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(max_length=5, choices=SurveyKind.choices)
    score = models.DecimalField(max_digits=5, decimal_places=2)
    answered_at = models.DateTimeField()
    person_id_text = models.CharField(max_length=200, blank=True)  # the person's external id
    comment = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "kind", "-answered_at"], name="answers_newest_first"),
            models.Index(fields=["-answered_at"], name="answers_by_day"),  # Today: what is new
            models.Index("batch", name="answers_of_an_import"),
        ]
