"""Reads of the way in: lists through the gate, facts for the day's work."""
