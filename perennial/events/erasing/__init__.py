"""Erasing a person from the store and the inbox: whose ids, what they become, which files."""

from perennial.events.erasing.ids import ids_of
from perennial.events.erasing.inbox import drain, forget_frames
from perennial.events.erasing.scrub import Scrub
from perennial.events.erasing.tables import is_stored, pseudonymise

__all__ = ["Scrub", "drain", "forget_frames", "ids_of", "is_stored", "pseudonymise"]
