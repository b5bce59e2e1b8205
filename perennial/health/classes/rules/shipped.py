"""The rules in force until somebody publishes others.

- Stage: the first 30 days, what falls due within 90, nothing paid for any more, back after a
  loss (the first 90 days), everything else.
- Tier: none, what was imported holds. Fit: none, it is not known.
`SUGGESTED` is where an editor of tiers or fit begins.
Sources: journey stages and 客户分级维度 of the seeds' catalogue; the amounts are ours.
"""

from __future__ import annotations

from typing import Final

from perennial.health.classes.rules.definition import FIT, STAGE, TIER, Rule, RuleSet

ONBOARDING_DAYS: Final = 30
PRE_RENEWAL_DAYS: Final = 90
WON_BACK_DAYS: Final = 90

_STAGES = (
    Rule("churned", "已流失", "Churned", "churned", "1;lapsed.is.yes"),
    Rule(
        "onboarding",
        "开通后的头 30 天",
        "First 30 days of service",
        "onboarding",
        f"1;age_days.lt.{ONBOARDING_DAYS}",
    ),
    Rule(
        "due",
        "90 天内到期且未续",
        "Falls due within 90 days, not renewed",
        "pre_renewal",
        f"1;due_in_days.lte.{PRE_RENEWAL_DAYS}",
    ),
    Rule(
        "returned",
        "流失后回来 90 天内",
        "Back for less than 90 days",
        "won_back",
        f"1;returned_days.lt.{WON_BACK_DAYS}",
    ),
    Rule("served", "正常服务", "In service", "steady", "1;age_days.known"),
)

SHIPPED: Final[dict[str, RuleSet]] = {
    STAGE: RuleSet(STAGE, _STAGES, ""),
    FIT: RuleSet(FIT, (), "unknown"),
    TIER: RuleSet(TIER, (), ""),
}

SUGGESTED: Final[dict[str, RuleSet]] = {
    STAGE: SHIPPED[STAGE],
    TIER: RuleSet(
        TIER,
        (
            Rule("large", "年费 40 万以上", "ARR of 400,000 or more", "S", "1;arr.gte.400000"),
            Rule(
                "broad",
                "年费 15 万以上，或用到三个产品",
                "ARR of 150,000 or more, or three products",
                "A",
                "1;(arr.gte.150000|modules.gte.3)",
            ),
            Rule("paying", "年费 5 万以上", "ARR of 50,000 or more", "B", "1;arr.gte.50000"),
            Rule("small", "其他付费客户", "Everybody else who pays", "C", "1;paying.is.yes"),
        ),
        "",
    ),
    FIT: RuleSet(
        FIT,
        (
            Rule(
                "too_small",
                "少于 10 个席位",
                "Fewer than 10 seats",
                "non_target",
                "1;seats.lt.10",
            ),
            Rule("seats", "10 个席位以上", "10 seats or more", "target", "1;seats.gte.10"),
        ),
        "unknown",
    ),
}
