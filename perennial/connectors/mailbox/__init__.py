"""Mail to log: a copy sent to one's secret address becomes a touch at the right customer."""
