"""What people define about usage, and how far daily activity is filled."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from perennial.metrics.rules.own import Comparison
from perennial.team.models import User


class Fill(models.Model):
    """A day of daily activity: from which version of the events, with which definitions.

    To see and to search; what is stale is decided by what the activity table itself notes.
    """

    day = models.DateField(primary_key=True)
    events_version = models.BigIntegerField()
    definitions = models.BigIntegerField()
    events = models.BigIntegerField()  # rows of the day when it was filled
    filled_at = models.DateTimeField()


class OwnMetric(models.Model):
    """A metric that people here defined: a shipped one, of some events only.

    Append-only: each change is a new version, the latest is what counts; `retired` ends it.
    `where` is a list of [property, value]; `window_days` null: the period asked about.
    """

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    title_zh = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100)
    unit_zh = models.CharField(max_length=30, blank=True)
    unit_en = models.CharField(max_length=30, blank=True)
    base = models.CharField(max_length=60)  # the shipped metric
    event = models.CharField(max_length=500, blank=True)  # an event or feature; empty: any
    where = models.JSONField(default=list)
    window_days = models.PositiveIntegerField(null=True, blank=True)
    retired = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [
            models.UniqueConstraint("name", "version", name="a_version_of_a_metric_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Goal(models.Model):
    """A north-star goal (北极星指标): a metric of a customer that should reach a target.

    `segment` is a filter of customers (the filter language); empty: all of them.
    """

    name = models.CharField(max_length=60, unique=True)
    title_zh = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100)
    metric = models.CharField(max_length=60)  # shipped or own
    comparison = models.CharField(max_length=10, default=Comparison.AT_LEAST)
    target = models.FloatField()
    window_days = models.PositiveIntegerField(default=28)
    segment = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(window_days__gte=1), name="goal_has_a_window"),
        ]

    def __str__(self) -> str:
        return self.name
