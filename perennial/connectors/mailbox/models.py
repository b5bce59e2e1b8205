"""Mails that could not be logged by themselves: somebody looks at them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer, Touch
from perennial.team.models import User


class Held(models.TextChoices):
    """Why a mail waits for somebody."""

    NO_ADDRESS = "no_address", _("No secret address of anybody")
    UNKNOWN_SENDER = "unknown_sender", _("Sent by another address than the colleague's")
    NO_CUSTOMER = "no_customer", _("None of its addresses belongs to a person of your customers")
    SEVERAL = "several", _("Its addresses belong to several customers")
    TOO_LARGE = "too_large", _("Larger than 10 MB")
    UNREADABLE = "unreadable", _("It cannot be read")


class HeldMail(models.Model):
    """A mail in quarantine. `user` is the owner of the secret address; None: nobody's."""

    message_id = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="held_mails"
    )
    reason = models.CharField(max_length=20, choices=Held.choices)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)  # what the touch would say
    sent_at = models.DateTimeField()
    held_at = models.DateTimeField()
    candidates = models.ManyToManyField(Customer, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    touch = models.ForeignKey(
        Touch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        app_label = "connectors"
        constraints = [
            models.CheckConstraint(
                condition=Q(touch__isnull=True) | Q(decided_at__isnull=False),
                name="a_held_mail_is_logged_by_somebody",
            )
        ]
        indexes = [
            models.Index(  # the quarantine
                fields=["user", "-held_at"],
                condition=Q(decided_at__isnull=True),
                name="held_mails_that_wait",
            )
        ]
