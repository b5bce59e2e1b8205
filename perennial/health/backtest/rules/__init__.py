"""Whether a score told what happened: ranking, colours, lead time, and when to say nothing.

1. Every case is one outcome (lost or kept) and the score as of a day before it.
2. AUC is the chance that a lost customer scored below a kept one; 0.5 is a coin.
3. Its interval comes from drawing whole customers again: cases of one customer hang together.
4. A red colour is a warning. Precision: lost among red. Recall: red among lost.
5. Lift: loss rate of the red ones over the loss rate of all. Grey counts as no warning.
6. Fewer than 30 cases or 10 losses: a sentence instead of figures.
Source: health specification, 'Backtest'.
"""

from perennial.health.backtest.rules.confusion import (
    BandRow,
    Confusion,
    confusion,
    lead_days,
    median,
)
from perennial.health.backtest.rules.verdict import (
    ENOUGH_CASES,
    ENOUGH_LOSSES,
    Verdict,
    too_few,
    verdict,
)

__all__ = [
    "ENOUGH_CASES",
    "ENOUGH_LOSSES",
    "BandRow",
    "Confusion",
    "Verdict",
    "confusion",
    "lead_days",
    "median",
    "too_few",
    "verdict",
]
