"""A card that a slice offers to the pages of the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Panel:
    """`context(user, customer, day)` gives what `template` shows; None: nothing to show.

    `user` and `customer` are left open: the slices above know their classes.
    """

    title: str | Promise
    template: str
    context: Callable[..., Mapping[str, object] | None]

    def build(self, user: object, customer: object, day: date) -> Mapping[str, object] | None:
        return self.context(user, customer, day)
