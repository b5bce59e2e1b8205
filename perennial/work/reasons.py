"""Which alert gives a person which reason to act. Few reasons: what belongs to a renewal anyway
is told by the renewal's item."""

from __future__ import annotations

from typing import Final

from perennial.alerts.models import Rule
from perennial.work.models import Reason

TOLD_BY_RENEWAL: Final = frozenset({Rule.RENEWAL_UNTOUCHED, Rule.AUTO_RENEWAL_NEAR})
REASONS: Final[dict[Rule, Reason]] = {
    rule: Reason.RENEWAL_DUE if rule in TOLD_BY_RENEWAL else Reason(rule.value) for rule in Rule
}
RULES: Final[dict[Reason, Rule]] = {
    reason: rule for rule, reason in REASONS.items() if rule not in TOLD_BY_RENEWAL
}
