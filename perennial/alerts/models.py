"""Alerts: what was found, since when, and how it ended. Detection lives here; work pulls it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer


class Rule(models.TextChoices):
    USAGE_DROP = "usage_drop", _("Usage fell")
    SILENT = "silent", _("Silent")
    CONTACT_LEFT = "contact_left", _("Key contact left")
    DETRACTOR = "detractor", _("Detractor")
    INVOICE_OVERDUE = "invoice_overdue", _("Invoice overdue")
    RENEWAL_UNTOUCHED = "renewal_untouched", _("Renewal near, no contact")


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


class Alert(models.Model):
    """One finding about one customer (or, for `everyone`, about all). Open: not resolved.

    A re-fire on an open alert updates its evidence and never makes a second row. `params` fill
    the sentence in `alerts.wording`; `expected`, `observed` are events over `params["days"]`.
    """

    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.CASCADE, related_name="alerts"
    )
    rule = models.CharField(max_length=20, choices=Rule.choices)
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
    calm_since_on = models.DateField(null=True)  # below the lower threshold since
    resolved_on = models.DateField(null=True)
    ending = models.CharField(max_length=12, choices=Ending.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "rule"],
                condition=Q(resolved_on__isnull=True),
                name="one_open_alert_per_customer_and_rule",
            ),
            models.UniqueConstraint(
                fields=["rule"],
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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "alert", "changed_on", "step", name="an_alert_changes_once_a_day"
            )
        ]
