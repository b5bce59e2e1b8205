"""A reason to act that holds today, whoever found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perennial.work.models import Reason


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason that holds today. `since_on`: when it began; `kind`: finer than the reason."""

    customer_id: int
    reason: Reason
    severity: float
    since_on: date
    kind: str = ""
    due_on: date | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
