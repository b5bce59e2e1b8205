"""Alerts: what was found, since when, and how it ended. Detection lives here; work pulls it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer, CustomerKey
from perennial.team.models import User


class Rule(models.TextChoices):
    USAGE_DROP = "usage_drop", _("Usage fell")
    SILENT = "silent", _("Silent")
    CONTACT_LEFT = "contact_left", _("Key contact left")
    DETRACTOR = "detractor", _("Detractor")
    INVOICE_OVERDUE = "invoice_overdue", _("Invoice overdue")
    RENEWAL_UNTOUCHED = "renewal_untouched", _("Renewal near, no contact")
    CONTACT_SILENT = "contact_silent", _("Key contact silent")
    SEATS_FALLING = "seats_falling", _("Seats falling")
    RENEWAL_INACTIVE = "renewal_inactive", _("Renewal near, no use")
    NOTICE_NEAR = "notice_near", _("Notice deadline near")
    AUTO_RENEWAL_NEAR = "auto_renewal_near", _("Renews by itself soon")
    SCORE_AGAINST_MONEY = "score_against_money", _("Score and money disagree")
    GOAL_MISSED = "goal_missed", _("North star missed")
    SUPPORT_LOAD = "support_load", _("Many tickets")
    VALUE_UNKNOWN = "value_unknown", _("Value perception unknown")
    OWN = "own", _("Own rule")


class Kind(models.TextChoices):
    """What sort of drop; a signal that is no drop has none."""

    SUDDEN = "sudden", _("sudden drop")
    SLOW = "slow", _("persistent drop")
    STOP = "stop", _("full stop")
    FADE = "fade", _("slow fade")
    EVERYONE = "everyone", _("all customers down")


class Ending(models.TextChoices):
    RECOVERED = "recovered", _("recovered")
    NEW_LEVEL = "new_level", _("settled at a new level")
    SUPERSEDED = "superseded", _("replaced by a stronger alert")
    PAUSED = "paused", _("service paused")
    ENDED = "ended", _("service ended")
    WITHDRAWN = "withdrawn", _("rule taken back")


class Alert(models.Model):
    """One finding about one customer (or, for `everyone`, about all). Open: not resolved.

    A re-fire on an open alert updates its evidence and never makes a second row. `params` fill
    the sentence in `alerts.wording`; `expected`, `observed` are events over `params["days"]`.
    """

    customer = CustomerKey(Customer, null=True, on_delete=models.CASCADE, related_name="alerts")
    rule = models.CharField(max_length=20, choices=Rule.choices)
    about = models.CharField(max_length=60, blank=True)  # an own rule's name; finer than the rule
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    metric = models.CharField(max_length=40)
    expected = models.FloatField(null=True)
    observed = models.FloatField(null=True)
    probability = models.FloatField(null=True)
    severity = models.FloatField()  # 0–1: how much is lost, or how bad it is
    params = models.JSONField(default=dict)
    since_on = models.DateField()  # when the cause began: the last event, the due day, …
    raised_on = models.DateField()  # the business day whose end raised it
    last_fired_on = models.DateField()
    fired_days = models.PositiveIntegerField(default=1)
    calm_since_on = models.DateField(null=True)  # below the lower threshold since
    calm_days = models.PositiveIntegerField(default=0)  # evaluations in a row that were false
    resolved_on = models.DateField(null=True)
    ending = models.CharField(max_length=12, choices=Ending.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "rule", "about"],
                condition=Q(resolved_on__isnull=True),
                name="one_open_alert_per_customer_and_rule",
            ),
            models.UniqueConstraint(
                fields=["rule", "about"],
                condition=Q(resolved_on__isnull=True, customer__isnull=True),
                name="one_open_alert_for_everyone",
            ),
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True) | ~Q(ending=""),
                name="a_resolved_alert_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["-raised_on"], name="alerts_newest_first"),
            models.Index(fields=["customer", "rule", "-raised_on"], name="alerts_refractory"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.customer_id} {self.raised_on}"


class AlertChange(models.Model):
    """A change of state of an alert, append-only: raised, escalated, resolved."""

    class Step(models.TextChoices):
        RAISED = "raised", _("raised")
        ESCALATED = "escalated", _("escalated")
        RESOLVED = "resolved", _("resolved")

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="changes")
    changed_on = models.DateField()
    step = models.CharField(max_length=10, choices=Step.choices)
    before = models.CharField(max_length=12, blank=True)  # kind before
    after = models.CharField(max_length=12, blank=True)  # kind after, or the ending
    told_at = models.DateTimeField(null=True)  # claimed by a conditional update: told once

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "alert", "changed_on", "step", name="an_alert_changes_once_a_day"
            )
        ]


class Evidence(models.Model):
    """What an open alert showed on one day; a re-fire adds a row and never a second alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="evidence")
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    expected = models.FloatField(null=True)
    observed = models.FloatField(null=True)
    probability = models.FloatField(null=True)
    params = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint("alert", "day", name="one_evidence_of_an_alert_a_day")
        ]


class Verdict(models.Model):
    """Somebody's judgement whether an alert was right: each rule's precision."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="verdicts")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    was_right = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("alert", "by", name="one_verdict_per_person")]


class QuietWindow(models.Model):
    """Days on which little use is expected: own holidays, or one customer's 'expected low'."""

    name = models.CharField(max_length=100)
    from_on = models.DateField()
    to_on = models.DateField()  # the last day
    customer = CustomerKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="quiet_windows"
    )  # null: everybody
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="a_quiet_window_ends_later"
            )
        ]


class OwnRule(models.Model):
    """A rule of one's own: a filter that a customer begins to fit (customers.filters).

    `leave` is the filter that must hold before it ends (hysteresis); empty: the first one false.
    """

    name = models.CharField(max_length=60, unique=True)
    title_zh = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100)
    enter = models.CharField(max_length=2000)
    leave = models.CharField(max_length=2000, blank=True)
    severity_rate = models.FloatField(default=0.5)
    calm_days = models.PositiveSmallIntegerField(default=2)
    cool_down_days = models.PositiveSmallIntegerField(default=14)
    is_on = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(severity_rate__gte=0) & Q(severity_rate__lte=1),
                name="a_severity_is_a_rate",
            )
        ]


class OwnHistory(models.Model):
    """How the detector did on this company's own past: what a replay of it found.

    `counts` per kind: alerts, customer-years, and how many were followed by a recovery within
    four weeks without anybody's help, which is what a false alarm looks like from inside.
    """

    replayed_at = models.DateTimeField()
    from_on = models.DateField()
    to_on = models.DateField()
    customer_years = models.FloatField()
    counts = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["-replayed_at"], name="own_history_newest_first")]
