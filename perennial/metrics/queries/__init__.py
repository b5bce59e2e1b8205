"""Reads of usage metrics. Customers are external ids; see each file for who may ask."""

from perennial.metrics.queries.usage import (
    DailyCounts,
    UsageRow,
    customer_metrics,
    daily_counts,
    weekly_counts,
)

__all__ = ["DailyCounts", "UsageRow", "customer_metrics", "daily_counts", "weekly_counts"]
