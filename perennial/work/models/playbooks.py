"""Playbooks (作战手册): what is done in which order, and every run of one at a customer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer, CustomerKey
from perennial.team.models import User
from perennial.work.models.items import WorkItem


class Playbook(models.Model):
    """A playbook by name ([a-z0-9_]{1,40}); what it says is in its versions."""

    name = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    is_automatic = models.BooleanField(default=False)  # the day enrols who matches, within caps


class PlaybookVersion(models.Model):
    """What a playbook says (`definition`: see work/playbooks/rules). Published ones stay as they
    are, and running instances keep theirs; `published_at` null: the one draft."""

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    edits = models.PositiveIntegerField(default=1)  # two editors: the second sees a conflict

    class Meta:
        constraints = [
            models.UniqueConstraint("playbook", "number", name="a_playbook_version_stands_once"),
            models.UniqueConstraint(
                "playbook", condition=Q(published_at__isnull=True), name="a_playbook_has_one_draft"
            ),
        ]


class Enrolment(models.Model):
    """Many customers entering a playbook in the background; resumes where it was killed.

    `customers` are the primary keys that were wanted, in order; `done` how many were looked at.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("enrolment", "waiting")
        DONE = "done", pgettext_lazy("enrolment", "done")
        UNDONE = "undone", pgettext_lazy("enrolment", "undone")
        FAILED = "failed", pgettext_lazy("enrolment", "failed")

    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT)
    customers = models.JSONField()
    done = models.PositiveIntegerField(default=0)
    enrolled = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict)  # reason → how many
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    error = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)


class Run(models.Model):
    """A playbook under way at a customer, of the version with which it began."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("playbook", "running")
        DONE = "done", pgettext_lazy("playbook", "done")
        EXITED = "exited", _("left by its exit rule")
        STOPPED = "stopped", _("stopped by a person")

    class Source(models.TextChoices):
        PERSON = "person", _("by a colleague")
        SEGMENT = "segment", _("by its audience")
        SIGNAL = "signal", _("by a signal")
        PLAYBOOK = "playbook", _("by another playbook")

    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="runs")
    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="runs")
    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    source = models.CharField(max_length=10, choices=Source.choices)
    enrolment = models.ForeignKey(
        Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    parent = models.ForeignKey(
        "StepRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="sub_runs"
    )
    item = models.ForeignKey(  # the call to action for which it was started
        WorkItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    owner = models.ForeignKey(  # None: the customer's own CSM
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    enrolled_on = models.DateField()
    enrolled_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "playbook",
                "customer",
                condition=Q(state="running"),
                name="a_playbook_runs_once_at_a_customer",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-enrolled_on"], name="runs_of_a_customer"),
            models.Index(fields=["playbook", "-enrolled_on"], name="runs_of_a_playbook"),
        ]


class StepRun(models.Model):
    """A step of a run: when it starts and is due, and how it ended."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("step", "waiting")
        OPEN = "open", pgettext_lazy("step", "open")
        DONE = "done", pgettext_lazy("step", "done")
        SKIPPED = "skipped", pgettext_lazy("step", "skipped")
        FAILED = "failed", pgettext_lazy("step", "failed")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=40)  # its id in the definition
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    starts_on = models.DateField(null=True, blank=True)  # null: not known yet
    due_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    item = models.ForeignKey(
        WorkItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="steps"
    )
    outcome = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    done_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by_data = models.BooleanField(default=False)  # a metric or an event completed it
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint("run", "step", name="a_step_stands_once_in_a_run")]
        indexes = [models.Index(fields=["state", "starts_on"], name="steps_to_look_at")]
