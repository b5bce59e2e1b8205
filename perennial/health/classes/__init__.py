"""Tier, fit and journey stage by rules: judged each day, kept with their history in customers."""
