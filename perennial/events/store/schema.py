"""What a Delta table says of itself: its columns and how its log is kept."""

from __future__ import annotations

from deltalake import DeltaTable, Schema

from perennial.events.store.tables import Table

# The inbox commits every few seconds: a short log, since `commits.Digest` remembers the days.
CHECKPOINT_EVERY = 50  # versions
CONFIGURATION = {
    "delta.checkpointInterval": str(CHECKPOINT_EVERY),
    "delta.logRetentionDuration": "interval 2 hours",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}


def upgraded(delta: DeltaTable, table: Table) -> DeltaTable:
    """The table with columns and settings that came after it was made; under `writing`.

    Its older files stay as they are: `Snapshot.sql` reads what they lack as null.
    """
    wanted = Schema.from_arrow(table.schema)
    there = {field.name for field in delta.schema().fields}
    if missing := [field for field in wanted.fields if field.name not in there]:
        delta.alter.add_columns(missing)
    settings = delta.metadata().configuration
    if CONFIGURATION.items() - settings.items():
        delta.alter.set_table_properties(CONFIGURATION)
    return delta


def is_checkpoint_near(version: int) -> bool:
    """Whether one of the next commits (ours, and up to two of `upgraded`) cleans the log."""
    return (version + 3) // CHECKPOINT_EVERY > version // CHECKPOINT_EVERY
