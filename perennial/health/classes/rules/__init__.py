"""Decisions about tiers, fits and stages; no database, no clock."""
