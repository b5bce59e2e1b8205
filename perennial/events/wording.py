"""What intake remembers as codes, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from perennial.events.rules.reasons import SENTENCES, Reason


class _Gaps(dict[str, Any]):
    """A gap that an older reject does not fill stays empty instead of failing."""

    def __missing__(self, name: str) -> str:
        return "…"


def reason_sentence(code: str, params: Mapping[str, Any]) -> str:
    """Why an item was refused; a code of another version stands for itself."""
    if code not in set(Reason):
        return code
    return gettext(SENTENCES[Reason(code)]).format_map(_Gaps(params))
