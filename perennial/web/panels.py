"""A card that a slice offers to the pages of the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Panel:
    """`context(user, customer, day)` gives what `template` shows; None: nothing to show.

    `user` and `customer` are left open: the slices above know their classes. `asks` names
    settings in the address; a panel that asks gets those that are there as a fourth argument.
    """

    title: str | Promise
    template: str
    context: Callable[..., Mapping[str, object] | None]
    asks: tuple[str, ...] = ()

    def build(
        self, user: object, customer: object, day: date, asked: Mapping[str, str] | None = None
    ) -> Mapping[str, object] | None:
        if not self.asks:
            return self.context(user, customer, day)
        given = {name: value for name, value in (asked or {}).items() if name in self.asks}
        return self.context(user, customer, day, given)
