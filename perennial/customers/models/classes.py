"""What we class a customer as, since when, and who said so: tier, fit and journey stage."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models.customer import Customer, Fit
from perennial.customers.models.standing import CustomerKey
from perennial.team.models import User


class ClassKind(models.TextChoices):
    TIER = "tier", _("Tier")
    FIT = "fit", pgettext_lazy("target customer", "Fit")
    STAGE = "stage", _("Stage")


class SaidBy(models.TextChoices):
    """Who said so; of several the last in this list counts."""

    IMPORT = "import", pgettext_lazy("said by", "Imported")
    RULE = "rule", pgettext_lazy("said by", "Rule")
    PERSON = "person", pgettext_lazy("said by", "Person")


class ClassRules(models.Model):
    """One published text of the rules of a kind; it never changes: a change is the next version.

    `definition` is what `health.classes.rules.definition.RuleSet` reads.
    """

    kind = models.CharField(max_length=5, choices=ClassKind.choices)
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    note = models.CharField(max_length=300, blank=True)  # why it was changed
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", "version", name="a_version_of_class_rules_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class Classification(models.Model):
    """A customer was classed so in [from_on, until_on); an empty value: nobody could say.

    Append-only: a change closes the row from its day on (`closed_at`: when we knew) and opens
    the next. Rows that somebody counted on never say something else later.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="classes")
    kind = models.CharField(max_length=5, choices=ClassKind.choices)
    value = models.CharField(max_length=12, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    said_by = models.CharField(max_length=6, choices=SaidBy.choices)
    rule = models.CharField(max_length=40, blank=True)  # its name; empty: none matched
    version = models.PositiveIntegerField(default=0)  # of the rules; 0: those we ship
    reason = models.JSONField(default=dict)  # the numbers that the rule read, by field
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "customer",
                "kind",
                condition=Q(until_on__isnull=True),
                name="a_customer_is_classed_once",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="a_class_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True, closed_at__isnull=True)
                | Q(until_on__isnull=False, closed_at__isnull=False),
                name="a_closed_class_says_since_when",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "kind", "-from_on"], name="classes_newest_first")
        ]


class ClassOverride(models.Model):
    """Somebody's own tier, fit or stage for a while; the rules keep judging beneath it."""

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=ClassKind.choices)
    value = models.CharField(max_length=12)
    reason = models.CharField(max_length=500)
    from_on = models.DateField()
    until_on = models.DateField()  # the last day it holds
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="a_class_override_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "until_on"], name="class_overrides_that_hold")  # the day
        ]


class FitOpinion(models.Model):
    """What a CSM made of a customer at first contact, from what it expects; append-only.

    Kept beside the fit that the rules find; neither replaces the other.
    """

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="fit_opinions")
    value = models.CharField(max_length=12, choices=Fit.choices)
    expectations = models.TextField()  # in the customer's words
    said_on = models.DateField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "-said_on"], name="fit_opinions_newest_first")]
