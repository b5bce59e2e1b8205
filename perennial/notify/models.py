"""What people are told: the inbox, and the mails on their way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.team.models import User


class Topic(models.TextChoices):
    """What a notice is about: the reader may have mails of some and not of others."""

    DIGEST = "digest", _("Morning digest")
    ALERT = "alert", pgettext_lazy("notice", "Alert")
    SYSTEM = "system", pgettext_lazy("notice", "System")


class Notice(models.Model):
    """One line of somebody's inbox.

    `said` has what it says in each language ({"en": {"title", "body"}, "zh-hans": …}): numbers
    and names are written by locale when it is told. `key` makes telling it twice tell it once.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    key = models.CharField(max_length=100)
    said = models.JSONField()
    url = models.CharField(max_length=300, blank=True)  # a path of ours
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="a_notice_is_told_once")]
        indexes = [
            models.Index(fields=["user", "-told_at"], name="inbox_newest_first"),
            models.Index("user", condition=Q(read_at__isnull=True), name="inbox_unread"),
        ]


class Mail(models.Model):
    """A mail on its way, or gone. Claimed by a conditional update: one process sends it."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("mail", "waiting")
        SENT = "sent", pgettext_lazy("mail", "sent")
        GIVEN_UP = "given_up", pgettext_lazy("mail", "given up")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mails")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    key = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()  # not before; moved on while somebody sends it
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="a_mail_is_made_once")]
        indexes = [
            models.Index("due_at", condition=Q(state="waiting"), name="mails_waiting"),  # worker
            models.Index(fields=["-made_at"], name="mails_newest_first"),
        ]


class Wish(models.Model):
    """What somebody wants to be mailed; nothing stored: the digest and the instant ones."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    digest = models.BooleanField(default=True)
    instant = models.BooleanField(default=True)
