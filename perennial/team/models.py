"""Who works here, what they may do, and what was done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    LEADER = "leader", _("CS leader")
    CSM = "csm", _("CSM")
    FINANCE = "finance", _("Finance")
    SUPPORT = "support", pgettext_lazy("role", "Support")
    VIEWER = "viewer", _("Viewer")


class Theme(models.TextChoices):
    SYSTEM = "", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Team(models.Model):
    """A group of CSMs with a leader; a leader sees the team's customers."""

    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A colleague. Logs in with e-mail and password."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.CSM)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members"
    )
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=5, choices=Theme.choices, blank=True)
    is_active = models.BooleanField(default=True)
    capacity_hours = models.PositiveSmallIntegerField(default=6)  # a day, for customers
    created_at = models.DateTimeField(auto_now_add=True)

    # Whose books this user sees on a day: kept here by `team.access.books`, for one request.
    books_of_a_day: tuple[date, tuple[int, ...]] | None = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_is_unique")]

    def __str__(self) -> str:
        return self.name or self.email


class OneTimeLink(models.Model):
    """A link that logs in once: first administrator, demo. Only its hash is stored."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)  # null: first admin
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Absence(models.Model):
    """Somebody is away; a colleague sees the book meanwhile. Days are business days, half-open."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    stand_in = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stands_in")
    from_on = models.DateField()
    until_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # taken back

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gt=F("from_on")), name="an_absence_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(user=F("stand_in")), name="nobody_stands_in_for_oneself"
            ),
        ]
        indexes = [  # the gate: whose books does this user see today
            models.Index(fields=["stand_in", "until_on"], name="absences_of_a_stand_in")
        ]

    @property
    def last_on(self) -> date:
        """The last day of the absence, as people say it."""
        return self.until_on - timedelta(days=1)


class SecretLink(models.Model):
    """An address that works without log-in: 128 random bits, of which only the hash is stored.

    `kind` says what it opens, `object_id` which one; `options` are its maker's choices. It ends
    at `expires_at`, or when it is revoked.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", _("Success plan")
        CALENDAR = "calendar", _("Calendar")
        MAILBOX = "mailbox", _("Mail to log")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    object_id = models.BigIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="secret_links")
    options = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_times = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["kind", "object_id"], name="secret_links_of_an_object")]


class LogInAttempt(models.Model):
    """Failed log-ins, so that guessing is slowed across processes."""

    key = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("key", "at", name="attempts_by_key")]  # read by the rate limit


class AuditEntry(models.Model):
    """One line for every change: who did what to which object, when."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)  # null: the system
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["object_type", "object_id", "-at"], name="audit_beside_its_object"
            ),
            models.Index(fields=["-at"], name="audit_newest_first"),
        ]


class Lease(models.Model):
    """Who may do a job that only one process may do. Taken by a conditional update."""

    name = models.CharField(max_length=60, primary_key=True)
    holder = models.CharField(max_length=120)
    expires_at = models.DateTimeField()


class DayRun(models.Model):
    """How far the day got: one row per business day and step, so that a run resumes."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("run", "running")
        DONE = "done", pgettext_lazy("run", "done")
        FAILED = "failed", pgettext_lazy("run", "failed")

    day = models.DateField()
    step = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("day", "step", name="a_step_runs_once_a_day"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(finished_at__isnull=False),
                name="a_done_step_has_finished",
            ),
        ]


class InstallationFact(models.Model):
    """Small facts about this installation: demo mark, last backup, first administrator."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
