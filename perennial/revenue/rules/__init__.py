"""The arithmetic of recurring revenue: states, movements, retention."""

from perennial.revenue.rules.arrears import Arrears, arrears
from perennial.revenue.rules.definitions import DEFAULT, Definitions
from perennial.revenue.rules.histories import Histories, histories
from perennial.revenue.rules.history import History, steps
from perennial.revenue.rules.movement import (
    Move,
    Movement,
    Movements,
    Report,
    Unit,
    kind_of,
    movements,
)
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.retention import (
    Retention,
    gross_churn,
    net_churn,
    quick_ratio,
    retention,
)
from perennial.revenue.rules.retention_report import RetentionReport
from perennial.revenue.rules.state import (
    NOTHING,
    Base,
    State,
    Step,
    base,
    exact_sum,
)
from perennial.revenue.rules.subkinds import SubKind, subkinds

__all__ = [
    "DEFAULT",
    "NOTHING",
    "Arrears",
    "Base",
    "Definitions",
    "Histories",
    "History",
    "Move",
    "Movement",
    "Movements",
    "Rates",
    "Report",
    "Retention",
    "RetentionReport",
    "State",
    "Step",
    "SubKind",
    "Unit",
    "arrears",
    "base",
    "exact_sum",
    "gross_churn",
    "histories",
    "kind_of",
    "movements",
    "net_churn",
    "quick_ratio",
    "retention",
    "steps",
    "subkinds",
]
