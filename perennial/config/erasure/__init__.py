"""Erasing a person everywhere in the home (`perennial privacy erase`)."""

from perennial.config.erasure.steps import Receipt, UnknownPerson, erase

__all__ = ["Receipt", "UnknownPerson", "erase"]
