"""The arithmetic of recurring revenue: states, movements, retention."""

from perennial.revenue.rules.movement import (
    Move,
    Movement,
    Movements,
    daily_moves,
    kind_of,
    movements,
    net_moves,
)
from perennial.revenue.rules.retention import (
    Retention,
    gross_churn,
    movement_rates,
    net_churn,
    retention,
)
from perennial.revenue.rules.state import (
    NOTHING,
    Base,
    ExactSum,
    State,
    Step,
    base,
    exact_sum,
    in_currency,
    state_on,
    steps,
)

__all__ = [
    "NOTHING",
    "Base",
    "ExactSum",
    "Move",
    "Movement",
    "Movements",
    "Retention",
    "State",
    "Step",
    "base",
    "daily_moves",
    "exact_sum",
    "gross_churn",
    "in_currency",
    "kind_of",
    "movement_rates",
    "movements",
    "net_churn",
    "net_moves",
    "retention",
    "state_on",
    "steps",
]
