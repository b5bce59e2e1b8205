"""All tables at once: what the migrations leave behind, without their history.

Going through every version there ever was takes ten seconds; making the newest takes half a second.
A test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

BOOK = "django_migrations"  # the table that says which migrations were applied


def is_untouched() -> bool:
    """Whether no table of ours is in the database, not even one of a start that was cut off."""
    ours = {BOOK, *connection.introspection.django_table_names()}
    return not ours & set(connection.introspection.table_names())


def known() -> set[tuple[str, str]]:
    """Every migration of this version."""
    return set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def make() -> None:
    """Make every table in a database without one; all of them or, cut off, none."""
    models = [it for it in apps.get_models() if it._meta.managed and not it._meta.proxy]
    with connection.schema_editor(atomic=True) as editor:
        for model in models:
            editor.create_model(model)
        book = MigrationRecorder(connection)
        for app, name in sorted(known()):
            book.record_applied(app, name)


def make_as_of(applied: Iterable[tuple[str, str]]) -> None:
    """Make every table as it was when these migrations (app and name) were the newest."""
    if set(applied) == known():
        make()
        return
    leaves = dict(sorted(applied))  # the last one of an app wins
    MigrationExecutor(connection).migrate(list(leaves.items()))
