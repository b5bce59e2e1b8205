"""Calls to action (行动项): who should do what for which customer, why, and how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer, CustomerKey
from perennial.team.models import Team, User


class Reason(models.TextChoices):
    """Why a customer is in the queue. Few, and each with a suggested action."""

    USAGE_DROP = "usage_drop", _("Usage fell")
    SILENT = "silent", _("Silent")
    LOW_HEALTH = "low_health", _("Low health")
    CONTACT_LEFT = "contact_left", _("Key contact left")
    DETRACTOR = "detractor", _("Detractor")
    INVOICE_OVERDUE = "invoice_overdue", _("Invoice overdue")
    CONTACT_SILENT = "contact_silent", _("Key contact silent")
    SEATS_FALLING = "seats_falling", _("Seats falling")
    RENEWAL_INACTIVE = "renewal_inactive", _("Renewal near, no use")
    NOTICE_NEAR = "notice_near", _("Notice deadline near")
    SCORE_AGAINST_MONEY = "score_against_money", _("Score and money disagree")
    GOAL_MISSED = "goal_missed", _("North star missed")
    SUPPORT_LOAD = "support_load", _("Many tickets")
    VALUE_UNKNOWN = "value_unknown", _("Value perception unknown")
    OWN = "own", _("Own rule")
    RENEWAL_DUE = "renewal_due", _("Renewal due")
    ONBOARDING_STUCK = "onboarding_stuck", _("Onboarding stuck")
    NO_TOUCH = "no_touch", _("Contact overdue")
    GROWTH = "growth", _("Usage grows")
    PROMOTER = "promoter", _("Promoter")
    TASK = "task", pgettext_lazy("call to action", "Task")
    STEP = "step", _("Playbook step")
    MILESTONE = "milestone", _("Milestone late")
    TOUCHPOINT = "touchpoint", _("Touchpoint due")
    HANDOVER = "handover", _("Handover to accept")
    DELIVERY = "delivery", _("Delivery late")
    PLAN = "plan", _("Plan action due")


class Lane(models.TextChoices):
    OWED = "owed", _("Owed")
    RISK = "risk", _("Risk")
    RENEWAL = "renewal", _("Renewal")
    ONBOARDING = "onboarding", _("Onboarding")
    GOOD_NEWS = "good_news", _("Good news")


class Type(models.TextChoices):
    RISK = "risk", _("Risk")
    LIFECYCLE = "lifecycle", _("Lifecycle")
    EXPANSION = "expansion", _("Expansion")
    RENEWAL = "renewal", _("Renewal")
    OBJECTIVE = "objective", _("Objective")


class Priority(models.IntegerChoices):
    """What a person says of a task of one's own; the day ranks the others itself."""

    HIGH = 1, pgettext_lazy("priority", "High")
    NORMAL = 2, pgettext_lazy("priority", "Normal")
    LOW = 3, pgettext_lazy("priority", "Low")


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("call to action", "open")
    IN_PROGRESS = "in_progress", _("in progress")
    SNOOZED = "snoozed", _("snoozed")
    DONE = "done", _("done")


class Outcome(models.TextChoices):
    SUCCESS = "success", _("successful")
    FAILED = "failed", _("failed")
    AUTO_RESOLVED = "auto_resolved", _("resolved by itself")
    NOT_NEEDED = "not_needed", _("no action needed")


class WorkItem(models.Model):
    """One reason to act at one customer. Active: everything but done; one active per reason and,
    of own rules, steps and tasks, per rule, step or task (`about`).

    `is_derived`: the day raised it and closes it when its cause is gone; the others were made by
    a person or a playbook, and only people close them (`title` and `text` say what to do).
    `owner` is None while it belongs to the customer's own CSM, or to the queue of `team` (another
    department). `money_at_risk` is None when no
    amount is known. `terms` are the factors of `rank_value`; `params` fill the sentence.
    """

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="work_items")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    about = models.CharField(max_length=60, blank=True)  # finer than the reason: an own rule
    lane = models.CharField(max_length=12, choices=Lane.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=15, choices=Outcome.choices, blank=True)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="work_items"
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="work_items"
    )
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.RISK)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    is_derived = models.BooleanField(default=True)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    made_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)  # in progress since
    snoozed_reason = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, blank=True)  # finer than the reason: which drop
    params = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    money_at_risk = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    rank_value = models.FloatField()
    due_on = models.DateField(null=True)
    raised_on = models.DateField()
    last_fired_on = models.DateField()
    fired_days = models.PositiveIntegerField(default=1)
    snoozed_until = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)  # business day: the cool-down counts from here
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField(blank=True)
    undo = models.JSONField(default=dict)  # what the last change by a person replaced
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "reason", "about"],
                condition=~Q(state="done"),
                name="one_active_item_per_customer_and_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(outcome=""), name="a_done_item_says_how"
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False),
                name="a_snoozed_item_wakes_up",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-rank_value"], name="work_by_rank"),  # the queue
            models.Index(fields=["owner", "state"], name="work_of_an_owner"),  # the queue: mine
            models.Index(fields=["customer", "reason", "-closed_on"], name="work_cool_down"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.customer_id}"
