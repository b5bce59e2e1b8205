"""The rules of a kind (tier, fit, stage), as plain data.

Rules stand in order; the first whose condition the customer meets says the value. Who meets
none gets `otherwise`; an empty one means for tiers: what was imported.
The stages' gates (two dates of a customer's first months) are declared beside their rules.
The stage is decided first, then the fit, then the tier: a rule may read what is decided before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

TIER, FIT, STAGE = "tier", "fit", "stage"
ORDER: Final = (STAGE, FIT, TIER)  # each may read those before it
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    TIER: ("S", "A", "B", "C"),
    FIT: ("target", "non_target", "unknown"),
    STAGE: ("onboarding", "steady", "pre_renewal", "churned", "won_back"),
}
FIRST_USE_DAYS: Final = 30
LIVE_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Rule:
    """`when` is filter text over the declared facts; empty: everybody."""

    name: str
    title_zh: str
    title_en: str
    value: str
    when: str


@dataclass(frozen=True, slots=True)
class Gates:
    """Days from the opening of service to first use, and to being live and in normal use;
    `products`: their own windows. A customer with several has the longest."""

    first_use_days: int = FIRST_USE_DAYS
    live_days: int = LIVE_DAYS
    products: Mapping[str, int] = field(default_factory=dict)

    def live_days_of(self, products: Sequence[str]) -> int:
        return max(
            (self.products.get(it, self.live_days) for it in products), default=self.live_days
        )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a kind. Version 0 is what we ship."""

    kind: str
    rules: tuple[Rule, ...]
    otherwise: str
    gates: Gates = field(default_factory=Gates)
    version: int = 0

    def rule(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None)


def of(kind: str, plain: Mapping[str, Any], *, version: int = 0) -> RuleSet:
    """The rules that `plain` wrote down; what checks.py finds no fault with is read."""
    gates = plain.get("gates", {})
    return RuleSet(
        kind,
        tuple(
            Rule(it["name"], it["title"]["zh"], it["title"]["en"], it["value"], it.get("when", ""))
            for it in plain["rules"]
        ),
        plain.get("otherwise", ""),
        Gates(**gates),
        version,
    )


def plain(rules: RuleSet) -> dict[str, Any]:
    """As JSON and YAML keep it; `of` reads it back."""
    found: dict[str, Any] = {
        "rules": [
            {
                "name": it.name,
                "title": {"zh": it.title_zh, "en": it.title_en},
                "value": it.value,
                "when": it.when,
            }
            for it in rules.rules
        ],
        "otherwise": rules.otherwise,
    }
    if rules.kind == STAGE:
        found["gates"] = asdict(rules.gates) | {"products": dict(rules.gates.products)}
    return found
