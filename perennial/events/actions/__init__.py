"""Writes of the events slice to the database."""

from perennial.events.actions.features import track_features

__all__ = ["track_features"]
