"""E-mail through the company's own server."""

from perennial.notify.email.send import is_set_up, send

__all__ = ["is_set_up", "send"]
