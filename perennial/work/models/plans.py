"""Success plans (成功计划) and touchpoints (价值传递节点)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer, CustomerKey, Person, Touch
from perennial.team.models import User


class Plan(models.Model):
    """What the customer wants to reach with us, in the customer's own words, and how."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("plan", "draft")
        ACTIVE = "active", pgettext_lazy("plan", "active")
        REACHED = "reached", pgettext_lazy("plan", "reached")
        MISSED = "missed", pgettext_lazy("plan", "missed")
        STOPPED = "stopped", pgettext_lazy("plan", "stopped")

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="plans")
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    success_words = models.TextField(blank=True)  # 客户原话
    expectation_gap = models.TextField(blank=True)
    judgement = models.TextField(blank=True)  # is it a customer for whom we are made?
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_plan_ends_after_it_starts",
            )
        ]
        indexes = [models.Index(fields=["customer", "-starts_on"], name="plans_of_a_customer")]


class Goal(models.Model):
    """A measured target: `metric` is a source as in health ("metric:event_count;window=28"), or
    empty for a result of the customer's own, whose values people write down (Reading).

    `baseline` is frozen when the plan starts, else at the first value. `current` is as of
    `current_on`; None: not measured, and `current_why` says why. Shares are 0–1.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="goals")
    title = models.CharField(max_length=200)
    metric = models.CharField(max_length=300, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    baseline = models.FloatField(null=True, blank=True)
    baseline_on = models.DateField(null=True, blank=True)
    target = models.FloatField()
    current = models.FloatField(null=True, blank=True)
    current_on = models.DateField(null=True, blank=True)
    current_why = models.CharField(max_length=100, blank=True)
    due_on = models.DateField(null=True, blank=True)
    is_shared = models.BooleanField(default=True)  # the customer sees it
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)


class Reading(models.Model):
    """A value of a goal on a day, written down by a person."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="readings")
    on = models.DateField()
    value = models.FloatField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("goal", "on", name="a_goal_is_read_once_a_day")]


class PlanAction(models.Model):
    """Who does what until when, on our side or on theirs."""

    class Side(models.TextChoices):
        OURS = "ours", pgettext_lazy("side", "Ours")
        THEIRS = "theirs", pgettext_lazy("side", "Theirs")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="actions")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL)
    title = models.CharField(max_length=200)
    side = models.CharField(max_length=6, choices=Side.choices)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    done_by = models.CharField(max_length=100, blank=True)  # whoever said so, by name
    is_shared = models.BooleanField(default=True)  # the customer sees it
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)


class Strategy(models.Model):
    """How we go about one stakeholder. Never shared."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="strategies")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="strategies")
    wants = models.CharField(max_length=300, blank=True)
    approach = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint("plan", "person", name="one_strategy_a_stakeholder")]


class Touchpoint(models.Model):
    """A moment at which value is shown, planned from the template of tier and stage."""

    class Kind(models.TextChoices):
        KICKOFF = "kickoff", _("Kick-off meeting")
        DISCOVERY = "discovery", _("Discovery meeting")
        DELIVERY = "delivery", _("Delivery report")
        TRIAL = "trial", _("Trial-run report")
        REVIEW = "review", _("Periodic review")
        RENEWAL = "renewal", _("Renewal conversation")
        OWN = "own", pgettext_lazy("touchpoint", "Other")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("touchpoint", "planned")
        DONE = "done", pgettext_lazy("touchpoint", "done")
        SKIPPED = "skipped", pgettext_lazy("touchpoint", "skipped")

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="touchpoints")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=200, blank=True)
    planned_on = models.DateField()  # as first planned; `due_on` moves
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    key = models.CharField(max_length=80, blank=True)  # what of the template made it: once
    touch = models.ForeignKey(Touch, null=True, blank=True, on_delete=models.SET_NULL)
    done_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why skipped or moved
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "customer", "key", condition=~Q(key=""), name="a_touchpoint_is_planned_once"
            )
        ]
        indexes = [  # the day and the list; a customer's page
            models.Index(fields=["state", "due_on"], name="touchpoints_due"),
            models.Index(fields=["customer", "due_on"], name="touchpoints_of_a_customer"),
        ]
