"""Profiles and what people say about a customer; the health of today; the risk models.

The history of the scores is in the store.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer, CustomerKey, Person
from perennial.team.models import User


class Band(models.TextChoices):
    RED = "red", _("At risk")
    YELLOW = "yellow", _("Needs attention")
    GREEN = "green", _("Healthy")
    UNKNOWN = "unknown", _("Not enough data")


class CurrentHealth(models.Model):
    """Derived: deleted and rebuilt by the day. No row: service ended, nothing to judge.

    `score` is None when nothing was measured; with band `unknown` it may still have a value,
    which is shown grey. `parts` is the list that `health.queries.parts_of` reads.
    """

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="health"
    )
    as_of = models.DateField()
    score = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    band = models.CharField(max_length=10, choices=Band.choices)
    read_band = models.CharField(max_length=10, choices=Band.choices)  # before settling
    coverage_rate = models.FloatField()
    profile = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    changed_on = models.DateField()
    score_30d_ago = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    parts = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index("band", "score", name="health_by_band")]  # lists and the queue


class ProfileVersion(models.Model):
    """One text of a profile. Published ones never change: a change is the next version.

    `definition` is what `health.rules.definition.Profile` reads. In force is the newest version
    of a name, unless it is retired; a draft has no version and judges nobody.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", pgettext_lazy("profile", "Published")
        RETIRED = "retired", pgettext_lazy("profile", "Retired")

    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    definition = models.JSONField()
    note = models.CharField(max_length=300, blank=True)  # why it was changed
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()
    edits = models.PositiveIntegerField(default=1)  # two editors: the second sees a conflict

    class Meta:
        constraints = [
            models.UniqueConstraint("name", "version", name="a_version_of_a_profile_once"),
            models.UniqueConstraint(
                "name", condition=Q(state="draft"), name="one_draft_of_a_profile"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", version__isnull=True)
                | (~Q(state="draft") & Q(version__isnull=False)),
                name="a_published_profile_has_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version or self.state}"


class Override(models.Model):
    """Somebody's own score for a while; the computed one keeps running beneath."""

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="overrides")
    score = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    from_on = models.DateField()
    until_on = models.DateField()  # the last day it holds
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__lte=100), name="an_override_is_a_score"),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="an_override_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                "customer",
                "from_on",
                condition=Q(withdrawn_at__isnull=True),
                name="one_override_begins_a_day",
            ),
        ]


class Said(models.TextChoices):
    """What data cannot see (D2)."""

    EXECUTIVE_USE = "executive_use", _("Executive use")
    PROCESS_EMBEDDING = "process_embedding", _("Process embedding")
    SENTIMENT = "sentiment", _("CSM sentiment")
    VALUE_PERCEPTION = "value_perception", _("Value perception")


class Opinion(models.Model):
    """What somebody of ours says about a customer, 0–10, with evidence; append-only.

    Value perception is of one decision maker (`person`). It counts until its measure's validity
    has run out; a later one of the same measure and person replaces it from its day on.
    """

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="opinions")
    measure = models.CharField(max_length=20, choices=Said.choices)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    value = models.DecimalField(max_digits=4, decimal_places=1)
    evidence = models.TextField(blank=True)
    said_on = models.DateField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(value__gte=0) & Q(value__lte=10), name="an_opinion_is_0_to_10"
            )
        ]
        indexes = [
            models.Index(fields=["customer", "measure", "-said_on"], name="opinions_newest_first")
        ]


class RiskModel(models.Model):
    """A trained renewal-risk model, kept for ever; the newest one without a fault is in force.

    `fitted` is plain numbers (no pickles), `card` what its model card shows.
    """

    class Kind(models.TextChoices):
        SEGMENT_RATES = "segment_rates", _("Rates of segments")
        LOGISTIC = "logistic", _("Logistic regression")
        EBM = "ebm", _("Explainable boosting")

    kind = models.CharField(max_length=15, choices=Kind.choices)
    trained_at = models.DateTimeField()
    trained_on = models.DateField()  # what was recorded by the end of this day was known
    seed = models.BigIntegerField()
    renewals = models.PositiveIntegerField()
    losses = models.PositiveIntegerField()
    fitted = models.JSONField()
    card = models.JSONField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-trained_at"], name="risk_models_newest_first")]


class RiskScore(models.Model):
    """The probability that a due group is lost, as said on a day; kept, so that it can be scored.

    `reasons`: [{feature, value, effect}] with effects in log-odds, strongest first.
    """

    model = models.ForeignKey(RiskModel, on_delete=models.CASCADE, related_name="scores")
    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="risk_scores")
    due_on = models.DateField()
    said_on = models.DateField()
    loss_probability = models.FloatField()
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint("customer", "due_on", "said_on", name="one_risk_score_a_day"),
            models.CheckConstraint(
                condition=Q(loss_probability__gte=0) & Q(loss_probability__lte=1),
                name="a_risk_is_a_probability",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-said_on"], name="risk_newest_first")]
