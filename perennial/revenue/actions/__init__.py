"""Writes of revenue: derived changes, and what people decide about the figures."""

from perennial.revenue.actions.changes import catch_up, follow
from perennial.revenue.actions.closes import close_period
from perennial.revenue.actions.definitions import define, set_rate

__all__ = ["catch_up", "close_period", "define", "follow", "set_rate"]
