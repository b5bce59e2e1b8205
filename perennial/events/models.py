"""What event intake and the analytical store remember beside the tables of the store."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perennial.team.models import User

FEATURES_AT_MOST = 63  # the bits of a positive int64


class SourceKind(models.TextChoices):
    BROWSER = "browser", _("Browser")
    SERVER = "server", _("Server")


class Source(models.Model):
    """Where events come from over HTTP. A browser's key is public: what it says is only claimed.

    Limits are bytes after decompression. `origins` empty: any; `requests_per_minute` null: no
    limit. `silent_after_hours` null: nobody is alarmed when it falls silent.
    """

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=SourceKind.choices)
    event_bytes = models.PositiveIntegerField(default=32 * 1024)
    batch_bytes = models.PositiveIntegerField(default=500 * 1024)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    origins = models.JSONField(default=list, blank=True)
    group_type = models.CharField(max_length=60, blank=True)  # PostHog's type that is a customer
    product = models.CharField(max_length=100, blank=True)  # of events that name none
    silent_after_hours = models.PositiveIntegerField(null=True, blank=True, default=24)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="source_has_a_name"),
            models.CheckConstraint(
                condition=Q(event_bytes__gte=1024) & Q(batch_bytes__gte=1024),
                name="source_takes_a_kilobyte",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WriteKey(models.Model):
    """A key that may only write. It is random, so its plain SHA-256 betrays nothing."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)  # its last characters, to tell keys apart
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Reject(models.Model):
    """An item that was not stored, with the reason; the good ones of its batch were.

    `place` tells the item's position in the inbox, so that a load done twice rejects once.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="rejects")
    received_at = models.DateTimeField()
    reason = models.CharField(max_length=40)  # a code of events.rules.reasons
    params = models.JSONField(default=dict)
    body = models.TextField()  # the item as it came, cut at the event limit
    whole = models.BooleanField(default=True)  # false: the body was cut, it cannot be replayed
    place = models.CharField(max_length=120, unique=True)
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["source", "-received_at"], name="rejects_newest_first"
            ),  # their page
        ]


class IntakeHour(models.Model):
    """What came over a source in an hour of arrival; `last_load` makes adding to it safe to
    repeat. Lag is between the event's time and its arrival."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="hours")
    hour_at = models.DateTimeField()
    last_load = models.BigIntegerField()
    accepted = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    unattributed = models.BigIntegerField(default=0)
    clamped = models.BigIntegerField(default=0)
    bots = models.BigIntegerField(default=0)
    lag_seconds = models.FloatField(default=0)  # summed over accepted events
    late = models.BigIntegerField(default=0)  # more than a day after they happened

    class Meta:
        constraints = [
            models.UniqueConstraint("source", "hour_at", name="an_hour_of_a_source_once"),
        ]


class EventName(models.Model):
    """An event name that a source has sent: new and vanished names are schema drift.
    `source` is the name in the store, so that imports count, too."""

    source = models.CharField(max_length=60)
    name = models.CharField(max_length=500)
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint("source", "name", name="an_event_name_once_per_source"),
        ]


class Trait(models.Model):
    """What an identify or group call said of a person or customer; the newest per source.

    A browser's word is claimed: it is kept here and never becomes a field. `value` is JSON.
    """

    class About(models.TextChoices):
        PERSON = "person", _("Person")
        CUSTOMER = "customer", _("Customer")

    about = models.CharField(max_length=10, choices=About.choices)
    external_id = models.CharField(max_length=500)
    name = models.CharField(max_length=200)
    value = models.JSONField(null=True)
    claimed = models.BooleanField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE)
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "about", "external_id", "name", "source", name="a_trait_once_per_source"
            ),
        ]


class Feature(models.Model):
    """Something that people use, and its bit in `activity.features`.

    Append-only: a bit never changes its meaning without the days being filled anew. A feature
    is an event of its name, or, when it has a rule, what autocapture saw that fits the rule.
    """

    name = models.CharField(max_length=500, unique=True)
    bit = models.PositiveSmallIntegerField(unique=True)
    deep = models.BooleanField(default=False)  # 深度功能: using it shows that work depends on it
    event = models.CharField(max_length=500, blank=True)  # rule: the event, e.g. $click
    selector = models.CharField(max_length=500, blank=True)  # rule: element, empty = any
    url = models.CharField(max_length=500, blank=True)  # rule: address pattern, empty = any

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(bit__gte=0) & Q(bit__lt=FEATURES_AT_MOST), name="feature_bit_fits"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tombstone(models.Model):
    """An erased id as a keyed hash: what still arrives of it is refused."""

    digest = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField()


class Erasure(models.Model):
    """The receipt of an erasure: what was removed and when backups expire; names nobody."""

    pseudonym = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    removed = models.JSONField(default=dict)  # kind of place → how many
