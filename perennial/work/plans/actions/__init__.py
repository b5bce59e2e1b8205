"""What people do with plans, touchpoints and their links: each one transaction, one audit line."""
