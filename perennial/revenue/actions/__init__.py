"""Writes of revenue: derived changes, and what people decide about the figures."""

from perennial.revenue.actions.changes import rebuild

__all__ = ["rebuild"]
