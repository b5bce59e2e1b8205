"""What was imported, from which file, by whom; and how to take it back."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.connectors.mailbox.models import Held, HeldMail
from perennial.team.models import User

__all__ = ["Held", "HeldMail", "Import", "ImportChange", "SavedMapping", "State"]


class State(models.TextChoices):
    DRAFT = "draft", _("uploaded, not imported yet")
    RUNNING = "running", _("running")
    DONE = "done", pgettext_lazy("import", "imported")
    INTERRUPTED = "interrupted", _("interrupted, nothing written")
    UNDONE = "undone", _("undone")


class Import(models.Model):
    """One file and what came of it. Its number marks the rows that it made (`batch`)."""

    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=300)
    source = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=State.choices)
    mapping = models.JSONField(default=dict)  # our column → theirs, as text
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)  # rows added changed same duplicates rejected …
    notices = models.JSONField(default=list)  # sentences: code, message, params
    errors = models.JSONField(default=list)  # the first thousand
    stored_as = models.CharField(max_length=60, blank=True)  # a generated name in the home
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="imports")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(finished_at__isnull=False),
                name="a_done_import_has_finished",
            )
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="imports_newest_first"),
            models.Index("kind", "source", "state", name="imports_of_a_source"),  # first or not
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportChange(models.Model):
    """A row that an import made or changed, with what it held before."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="changes")
    table = models.CharField(max_length=60)
    row = models.BigIntegerField()
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)  # null: the import made it
    version = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index("of", "table", name="changes_of_an_import")]


class SavedMapping(models.Model):
    """How files of this shape were mapped last time; `shape` is a digest of their header."""

    kind = models.CharField(max_length=20)
    shape = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", "shape", name="one_mapping_per_shape_of_file")
        ]
