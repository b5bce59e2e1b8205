"""People at a customer, what we said to each other (跟进记录), and how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perennial.customers.models.customer import Customer
from perennial.team.models import User


class Grade(models.TextChoices):
    S = "S", "S"
    A = "A", "A"
    B = "B", "B"


class Sentiment(models.TextChoices):
    WARM = "warm", _("warm")
    NEUTRAL = "neutral", _("neutral")
    COOL = "cool", _("cool")


class Person(models.Model):
    """Somebody at a customer (相关人); may work at several customers over time."""

    external_id = models.CharField(max_length=200)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    role = models.CharField(max_length=100, blank=True)
    grade = models.CharField(max_length=1, choices=Grade.choices, blank=True)
    sentiment = models.CharField(max_length=10, choices=Sentiment.choices, blank=True)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("external_id", "customer", name="a_person_once_at_a_customer"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True)
                | Q(from_on__isnull=True)
                | Q(to_on__gte=F("from_on")),
                name="a_person_leaves_after_coming",
            ),
        ]
        indexes = [models.Index("batch", name="people_of_an_import")]

    def __str__(self) -> str:
        return self.name


class TouchKind(models.TextChoices):
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    VISIT = "visit", _("Visit")
    EMAIL = "email", _("E-mail")
    CHAT = "chat", _("Chat")
    TRAINING = "training", _("Training")
    NOTE = "note", _("Note")


class Touch(models.Model):
    """A contact with the customer, logged in ten seconds (跟进记录)."""

    external_id = models.CharField(max_length=200, unique=True, null=True, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="touches")
    happened_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=TouchKind.choices, default=TouchKind.NOTE)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-happened_at"], name="touches_newest_first"),
            models.Index("batch", name="touches_of_an_import"),
        ]


class Outcome(models.Model):
    """A churn or renewal known from elsewhere; several per customer are allowed."""

    class Kind(models.TextChoices):
        CHURN = "churn", _("churn")
        RENEWAL = "renewal", _("renewal")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="outcomes")
    outcome = models.CharField(max_length=10, choices=Kind.choices)
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_assumed = models.BooleanField(default=False)
    batch = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "customer", "outcome", "occurred_on", name="an_outcome_is_known_once"
            )
        ]
        indexes = [models.Index("batch", name="outcomes_of_an_import")]
