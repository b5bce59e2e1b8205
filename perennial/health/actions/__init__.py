"""Decisions about health: profiles, a person's own score, what people say."""
