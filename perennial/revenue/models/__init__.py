"""What revenue keeps: derived changes, and what people decided (append-only)."""

from perennial.revenue.models.changes import MovementKind, MrrChange, RevenueMark
from perennial.revenue.models.closes import Close, CloseLine
from perennial.revenue.models.decisions import (
    CreditedTo,
    CreditOverride,
    Definition,
    Exclusion,
    ExclusionReason,
    FxRate,
    MonthlyCost,
    MonthlyCostKind,
)

__all__ = [
    "Close",
    "CloseLine",
    "CreditOverride",
    "CreditedTo",
    "Definition",
    "Exclusion",
    "ExclusionReason",
    "FxRate",
    "MonthlyCost",
    "MonthlyCostKind",
    "MovementKind",
    "MrrChange",
    "RevenueMark",
]
