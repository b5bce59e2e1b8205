"""Writes of the events slice to the database."""

from perennial.events.actions.customers import add_customers
from perennial.events.actions.features import track_features
from perennial.events.actions.rejects import replay_rejects
from perennial.events.actions.sources import (
    add_source,
    change_source,
    retire_source,
    revoke_key,
    rotate_key,
)

__all__ = [
    "add_customers",
    "add_source",
    "change_source",
    "replay_rejects",
    "retire_source",
    "revoke_key",
    "rotate_key",
    "track_features",
]
