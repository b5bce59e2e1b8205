"""Filters that somebody kept."""

from __future__ import annotations

from django.db import models

from perennial.team.models import User


class SavedView(models.Model):
    """A filter, sort and columns that somebody kept (A8); the query string is the view."""

    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE)  # null: shipped
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "name", name="a_view_name_once_per_owner")]


class DefaultView(models.Model):
    """With which view somebody's customer list opens."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    key = models.CharField(max_length=60)
