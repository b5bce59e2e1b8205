"""Customers, their people, and what we said to each other (跟进记录)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

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


class Customer(models.Model):
    """A company that we serve. `external_id` is its name in every file and event."""

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
    tier = models.CharField(max_length=1, choices=Tier.choices, blank=True)
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


class SavedView(models.Model):
    """A filter, sort and columns that somebody kept (A8); the query string is the view."""

    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE)  # null: shipped
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "name", name="a_view_name_once_per_owner")]
