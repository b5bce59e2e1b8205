"""Decisions about assessments, offers and diagnoses; no database, no clock."""
