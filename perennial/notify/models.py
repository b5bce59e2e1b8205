"""What people are told: the inbox, mails and messages to channels on their way, and wishes."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perennial.team.models import Team, User


class Topic(models.TextChoices):
    """What a notice is about: the reader may have mails of some and not of others."""

    DIGEST = "digest", _("Morning digest")
    ALERT = "alert", pgettext_lazy("notice", "Alert")
    MENTION = "mention", pgettext_lazy("notice", "Mention")
    ASSIGNED = "assigned", pgettext_lazy("notice", "Assigned to me")
    HANDOVER = "handover", pgettext_lazy("notice", "Handover")
    PLAYBOOK = "playbook", pgettext_lazy("notice", "Playbook")
    SHARE = "share", pgettext_lazy("notice", "Shared plan")
    SYSTEM = "system", pgettext_lazy("notice", "System")


class How(models.TextChoices):
    """How a topic reaches somebody beside the inbox, where everything stands."""

    AT_ONCE = "at_once", pgettext_lazy("notice", "Mail at once")
    DIGEST = "digest", pgettext_lazy("notice", "In the morning digest")
    OFF = "off", pgettext_lazy("notice", "Inbox only")


class Notice(models.Model):
    """One line of somebody's inbox.

    `said` has what it says in each language ({"en": {"title", "body", "why"}, "zh-hans": …}):
    numbers and names are written by locale when it is told. `key` makes telling it twice tell it
    once. `customer_id` is the customer it speaks of: this slice stands below customers.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    key = models.CharField(max_length=100)
    said = models.JSONField()
    url = models.CharField(max_length=300, blank=True)  # a path of ours
    customer_id = models.BigIntegerField(null=True, blank=True)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    waits_for_digest = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="a_notice_is_told_once")]
        indexes = [
            models.Index(fields=["user", "-told_at"], name="inbox_newest_first"),
            models.Index("user", condition=Q(read_at__isnull=True), name="inbox_unread"),
            models.Index(  # read by the digest
                "user", condition=Q(waits_for_digest=True), name="inbox_waits_for_digest"
            ),
        ]


class Parcel(models.Model):
    """Something on its way, or gone. Claimed by a conditional update: one process sends it."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("mail", "waiting")
        SENT = "sent", pgettext_lazy("mail", "sent")
        GIVEN_UP = "given_up", pgettext_lazy("mail", "given up")
        WITHHELD = "withheld", pgettext_lazy("mail", "withheld")  # the gate said no

    topic = models.CharField(max_length=10, choices=Topic.choices)
    key = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()  # not before; moved on while somebody sends it
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def reason(self) -> str:
        """Why it did not leave: our own sentences in the reader's language, a server's as it is."""
        return gettext(self.error) if self.error else ""


class Mail(Parcel):
    """A mail to a colleague."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mails")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    names = models.JSONField(default=list)  # ids of all customers that a digest speaks of

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="a_mail_is_made_once")]
        indexes = [
            models.Index("due_at", condition=Q(state="waiting"), name="mails_waiting"),  # worker
            models.Index(fields=["-made_at"], name="mails_newest_first"),
        ]


class ChannelKind(models.TextChoices):
    """Where a company's messages can go beside mails; each has a folder of its own."""

    WECOM = "wecom", _("WeCom")
    FEISHU = "feishu", _("Feishu")
    DINGTALK = "dingtalk", _("DingTalk")
    SLACK = "slack", "Slack"
    WEBHOOK = "webhook", _("Webhook")


class Channel(models.Model):
    """A group chat or a webhook of the company's, of one team or of all.

    `address` and `secret` are sealed (notify/sealing.py) and never shown again; `shown` is what
    people see of the address. What is told at a customer goes there only within the team's reach.
    """

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="channels"
    )  # null: everybody; a team that goes takes its channels along, never widens them
    topics = models.JSONField(default=list)
    language = models.CharField(max_length=10, blank=True)
    address = models.TextField()
    secret = models.TextField(blank=True)
    shown = models.CharField(max_length=100)
    is_paused = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint("name", name="a_channel_has_its_name_alone")]

    def __str__(self) -> str:
        return self.name

    @property
    def reason(self) -> str:
        """Why the last message was not taken."""
        return gettext(self.last_error) if self.last_error else ""

    @property
    def is_failing(self) -> bool:
        return bool(
            self.last_failed_at
            and (self.last_sent_at is None or self.last_sent_at < self.last_failed_at)
        )


class Delivery(Parcel):
    """A message to a channel, in its language; sent again with the same `message_id`."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    customer_id = models.BigIntegerField(null=True, blank=True)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    message = models.JSONField()  # title, body, why, url; for webhooks also event and data
    status = models.PositiveIntegerField(null=True, blank=True)  # of the last answer

    class Meta:
        constraints = [models.UniqueConstraint("channel", "key", name="a_channel_is_told_once")]
        indexes = [
            models.Index(
                "due_at", condition=Q(state="waiting"), name="deliveries_waiting"
            ),  # worker
            models.Index(fields=["channel", "-made_at"], name="deliveries_newest_first"),
        ]


class Wish(models.Model):
    """When somebody wants to be left alone, in business time; nothing stored: never."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)  # before quiet_from: over midnight
    quiet_weekends = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
                name="quiet_hours_begin_and_end",
            )
        ]


class TopicWish(models.Model):
    """How somebody wants to be told of a topic; nothing stored: rules.STANDARD."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    how = models.CharField(max_length=10, choices=How.choices)

    class Meta:
        constraints = [models.UniqueConstraint("user", "topic", name="one_wish_per_topic")]
