"""A condition that is true today, before anybody knows whether it is already an open alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perennial.alerts.models import Rule


@dataclass(frozen=True, slots=True)
class Candidate:
    """A condition that is true today. `customer_id` None: all customers."""

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
