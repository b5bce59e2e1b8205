"""The numbers that people changed, as in force by the end of a day."""

from __future__ import annotations

from datetime import date

from perennial.revenue.models import Definition
from perennial.revenue.queries.clock import moment_after
from perennial.revenue.rules.parameters import CREDIT, ECONOMICS, SERVICE


def parameters(prefix: str, known_on: date | None = None) -> dict[str, str]:
    """Full name → value as text, of those that were set (`credit.`, `service.`, `economics.`)."""
    assert prefix in {CREDIT, SERVICE, ECONOMICS}
    rows = Definition.objects.filter(name__startswith=prefix)
    if (before := moment_after(known_on)) is not None:
        rows = rows.filter(recorded_at__lt=before)
    newest = dict(rows.order_by("recorded_at", "pk").values_list("name", "value"))
    return {name: str(value) for name, value in newest.items() if value is not None}
