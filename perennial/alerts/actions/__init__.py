"""Writes about alerts by people, and the claim of what is to be told."""

from perennial.alerts.actions.claims import claim_changes
from perennial.alerts.actions.own import keep_rule, rule_faults, take_rule_back
from perennial.alerts.actions.quiet import drop_window, keep_window, window_faults
from perennial.alerts.actions.verdicts import judge_alert, take_verdict_back

__all__ = [
    "claim_changes",
    "drop_window",
    "judge_alert",
    "keep_rule",
    "keep_window",
    "rule_faults",
    "take_rule_back",
    "take_verdict_back",
    "window_faults",
]
