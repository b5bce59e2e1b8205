"""People at a customer, what we said to each other (跟进记录), and how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models.customer import Customer
from perennial.customers.models.standing import CustomerKey
from perennial.team.models import User


class Grade(models.TextChoices):
    S = "S", "S"
    A = "A", "A"
    B = "B", "B"


class Sentiment(models.TextChoices):
    WARM = "warm", _("warm")
    NEUTRAL = "neutral", _("neutral")
    COOL = "cool", _("cool")


class BuyingRole(models.TextChoices):
    """What somebody decides about us; several people may share one."""

    DECISION_MAKER = "decision_maker", _("Decision maker")
    INFLUENCER = "influencer", _("Influencer")
    CORE = "core", _("Core owner")
    SPONSOR = "sponsor", _("Sponsor")
    CHAMPION = "champion", _("Champion")
    ADMIN = "admin", pgettext_lazy("buying role", "Administrator")
    USER = "user", pgettext_lazy("buying role", "User")


class GradedBy(models.TextChoices):
    STANDARD = "standard", _("by the standard")
    PERSON = "person", _("by a colleague")


class Person(models.Model):
    """Somebody at a customer (相关人); may work at several customers over time."""

    external_id = models.CharField(max_length=200)
    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(max_length=200)
    pinyin = models.CharField(max_length=300, blank=True)  # customers.pinyin.person_key
    email = models.CharField(max_length=254, blank=True)
    role = models.CharField(max_length=100, blank=True)
    grade = models.CharField(max_length=1, choices=Grade.choices, blank=True)
    sentiment = models.CharField(max_length=10, choices=Sentiment.choices, blank=True)
    graded_by = models.CharField(max_length=10, choices=GradedBy.choices, blank=True)
    buying_role = models.CharField(max_length=20, choices=BuyingRole.choices, blank=True)
    reports_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports"
    )
    phone = models.CharField(max_length=50, blank=True)
    personal_needs = models.TextField(blank=True)
    company_needs = models.TextField(blank=True)
    left_to = models.CharField(max_length=200, blank=True)  # where to, in words
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
        indexes = [
            models.Index("batch", name="people_of_an_import"),
            models.Index("email", name="people_by_email"),  # mail to log, the palette
            models.Index("name", name="people_by_name"),  # the palette
            models.Index("pinyin", name="people_by_pinyin"),  # the palette
        ]

    def __str__(self) -> str:
        return self.name


class GradeStandard(models.Model):
    """Who is S, A or B by the words of the position, and how often each grade is spoken to.

    One per product; `product` empty: for all others. `rules` is
    {"grades": [{"grade": "S", "words": ["CEO", …]}, …], "cadence_days": {"S": 30, …}}.
    """

    product = models.CharField(max_length=100, blank=True, unique=True)
    rules = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)


class Lack(models.TextChoices):
    """Why a customer is stuck (动机、能力、触发)."""

    MOTIVATION = "motivation", _("Unwilling")
    ABILITY = "ability", _("Unable")
    TRIGGER = "trigger", _("Unprompted")


class Diagnosis(models.Model):
    """Why a customer does not move: motivation, ability and trigger, each 0–10, and the answer."""

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="diagnoses")
    motivation = models.PositiveSmallIntegerField()
    ability = models.PositiveSmallIntegerField()
    trigger = models.PositiveSmallIntegerField()
    lack = models.CharField(max_length=12, choices=Lack.choices, blank=True)  # empty: nothing
    stuck_at = models.CharField(max_length=200, blank=True)
    response = models.TextField(blank=True)
    result = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_on = models.DateField()
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(motivation__lte=10, ability__lte=10, trigger__lte=10),
                name="a_diagnosis_goes_to_ten",
            )
        ]
        indexes = [models.Index(fields=["customer", "-made_on"], name="diagnoses_newest_first")]


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
    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="touches")
    happened_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=TouchKind.choices, default=TouchKind.NOTE)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    people_trained = models.PositiveIntegerField(null=True, blank=True)
    about_type = models.CharField(max_length=20, blank=True)  # a plan, a ticket, an item …
    about_id = models.BigIntegerField(null=True, blank=True)
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

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="outcomes")
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
