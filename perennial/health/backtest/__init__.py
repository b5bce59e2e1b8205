"""A scorecard replayed on what became of customers, with what was known beforehand only."""
