"""A named error in the reader's language: one sentence, its gaps filled."""

from __future__ import annotations

from django.utils.translation import gettext

from perennial.units.errors import PerennialError, RowError


def in_words(error: PerennialError | RowError) -> str:
    """The error's sentence for a page; never a traceback."""
    return gettext(error.message).format(**error.params)
