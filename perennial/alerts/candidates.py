"""A condition that is true today, before anybody knows whether it is already an open alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from perennial.alerts.models import Rule

Key: TypeAlias = tuple[int | None, str, str]  # customer, rule, what it is about


@dataclass(frozen=True, slots=True)
class Candidate:
    """A condition that is true today. `customer_id` None: all customers.

    `about` is finer than the rule (an own rule's name). Not `enters`: between the leaving and
    the entering threshold, which keeps an open alert open and raises none.
    """

    customer_id: int | None
    rule: Rule
    metric: str
    severity: float
    since_on: date
    kind: str = ""
    expected: float | None = None
    observed: float | None = None
    probability: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    enters: bool = True

    @property
    def key(self) -> Key:
        return self.customer_id, self.rule.value, self.about
