"""Requests to addresses that people entered: checked at every hop, to public hosts only."""

from perennial.notify.outgoing.addresses import Refused, checked, is_public
from perennial.notify.outgoing.posting import Answer, post

__all__ = ["Answer", "Refused", "checked", "is_public", "post"]
