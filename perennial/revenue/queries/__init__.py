"""Reads of recurring revenue: by customer ids for the day's work, by user for people."""

from perennial.revenue.queries.book import (
    Book,
    Mover,
    Named,
    movements,
    movers,
    recorded_until,
)
from perennial.revenue.queries.overview import Overview, overview
from perennial.revenue.queries.store import contracted_mrr_on, mrr_on
from perennial.revenue.rules import Report

__all__ = [
    "Book",
    "Mover",
    "Named",
    "Overview",
    "Report",
    "contracted_mrr_on",
    "movements",
    "movers",
    "mrr_on",
    "overview",
    "recorded_until",
]
