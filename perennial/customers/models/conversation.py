"""What colleagues say to each other beside a customer's things, and the files they keep there.

Both stand at a customer, whose gate is theirs; `about_type` and `about_id` say at which thing.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models.customer import Customer
from perennial.customers.models.standing import CustomerKey
from perennial.team.models import User


class About(models.TextChoices):
    """What a comment, a file or a touch may stand at."""

    CUSTOMER = "customer", _("Customer")
    WORK_ITEM = "work_item", _("Call to action")
    PLAN = "plan", _("Success plan")
    HANDOVER = "handover", _("Handover")
    PROJECT = "project", _("Delivery project")
    TOUCH = "touch", _("Touch")
    TICKET = "ticket", _("Ticket")
    PERSON = "person", pgettext_lazy("about", "Person")


class Comment(models.Model):
    """One remark; `by` is None when a customer wrote it at a shared plan (`author`)."""

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="comments")
    about_type = models.CharField(max_length=20, choices=About.choices)
    about_id = models.BigIntegerField()
    text = models.TextField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_comment_says_something")
        ]
        indexes = [
            models.Index(fields=["about_type", "about_id", "at"], name="comments_of_a_thing")
        ]


class Mention(models.Model):
    """A comment names a colleague, who is told."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint("comment", "user", name="named_once_in_a_comment")]


class Attachment(models.Model):
    """A file, stored under a name of ours; always a download, never shown by the browser."""

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="attachments")
    about_type = models.CharField(max_length=20, choices=About.choices)
    about_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=64, unique=True)  # random, no user text in a path
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=100, blank=True)  # as its content says
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["about_type", "about_id"], name="attachments_of_a_thing")]
