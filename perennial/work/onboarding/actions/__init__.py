"""Writes of the way in: definitions, onboardings, handovers, delivery projects."""
