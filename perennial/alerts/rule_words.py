"""The rules in words, with the thresholds that they really have."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.alerts.models import Alert, Rule
from perennial.alerts.queries.own import defined_rules, words_of
from perennial.alerts.rules import signals as limits
from perennial.alerts.rules.lives import LIVES, Life
from perennial.alerts.rules.recovery import NEW_LEVEL_DAYS, REFRACTORY_DAYS
from perennial.health.wording import filled
from perennial.team.models import User

WORDS: dict[str, Promise] = {
    Rule.USAGE_DROP: gettext_lazy(
        "The last 7 days against the customer's own weeks before, adjusted by what all others do:"
        " raised when so little use is hardly chance. Over when it is back near the usual on"
        " three days in a row, or has settled for %(settled)s days. At most one in %(still)s days."
    ),
    Rule.SILENT: gettext_lazy("No use for as many days as the rule of activity says."),
    Rule.CONTACT_LEFT: gettext_lazy("A person of grade S or A left in the last %(left)s days."),
    Rule.CONTACT_SILENT: gettext_lazy(
        "A person of grade S with whom we used to speak was not reached for %(s)s days (A:"
        " %(a)s), or has not used the product"
        " for %(unused)s days although the company does. Over below %(s_out)s (A: %(a_out)s) and"
        " %(unused_out)s days."
    ),
    Rule.DETRACTOR: gettext_lazy(
        "An NPS answer of %(bad)s or less in the last %(window)s days. Over with a later answer of"
        " %(good)s or more."
    ),
    Rule.INVOICE_OVERDUE: gettext_lazy(
        "An invoice is late by %(late)s days. Over when none is late."
    ),
    Rule.SEATS_FALLING: gettext_lazy(
        "Seats are down by %(in_rate)s on %(days)s days ago, or fall so much in the coming"
        " %(days)s by what is signed. Over below %(out_rate)s."
    ),
    Rule.RENEWAL_UNTOUCHED: gettext_lazy(
        "Due within %(near)s days and no contact for %(in)s. Over within %(out)s days of a contact."
    ),
    Rule.RENEWAL_INACTIVE: gettext_lazy(
        "Due within %(near)s days and used on %(in)s of the last 28 days at most. Over from"
        " %(out)s days."
    ),
    Rule.NOTICE_NEAR: gettext_lazy(
        "The last day on which they can give notice is at most %(notice)s days away."
    ),
    Rule.AUTO_RENEWAL_NEAR: gettext_lazy(
        "The contract renews by itself within %(auto)s days: the time to talk about the next term."
    ),
    Rule.SCORE_AGAINST_MONEY: gettext_lazy(
        "A green score while the recurring revenue fell by %(in_rate)s in %(days)s days, an invoice"
        " is late or notice was given; or a red score while it grew by %(in_rate)s. Over below"
        " %(out_rate)s."
    ),
    Rule.GOAL_MISSED: gettext_lazy(
        "Fewer north-star goals than needed come within %(slack_rate)s of their target, %(after)s"
        " days after the start or later. Over when enough are met in full."
    ),
    Rule.SUPPORT_LOAD: gettext_lazy(
        "%(open)s tickets are open, or %(opened)s were opened in 28 days and twice the usual. Over"
        " at %(open_out)s or fewer."
    ),
    Rule.VALUE_UNKNOWN: gettext_lazy(
        "Due within %(near)s days, and no decision maker's view of the value was noted in the last"
        " %(valid)s days."
    ),
}
NUMBERS: dict[str, dict[str, Any]] = {
    Rule.USAGE_DROP: {"settled": NEW_LEVEL_DAYS, "still": REFRACTORY_DAYS},
    Rule.CONTACT_LEFT: {"left": limits.CONTACT_LEFT_DAYS},
    Rule.CONTACT_SILENT: {
        "s": limits.CONTACT_UNREACHED_DAYS["S"].enter,
        "a": limits.CONTACT_UNREACHED_DAYS["A"].enter,
        "s_out": limits.CONTACT_UNREACHED_DAYS["S"].leave,
        "a_out": limits.CONTACT_UNREACHED_DAYS["A"].leave,
        "unused": limits.CONTACT_UNUSED_DAYS.enter,
        "unused_out": limits.CONTACT_UNUSED_DAYS.leave,
    },
    Rule.DETRACTOR: {
        "bad": limits.DETRACTOR_SCORE.enter,
        "good": limits.DETRACTOR_SCORE.leave,
        "window": limits.DETRACTOR_DAYS,
    },
    Rule.INVOICE_OVERDUE: {"late": limits.OVERDUE_DAYS.enter},
    Rule.SEATS_FALLING: {
        "in_rate": limits.SEATS_FALL_RATE.enter,
        "out_rate": limits.SEATS_FALL_RATE.leave,
        "days": limits.SEATS_DAYS,
    },
    Rule.RENEWAL_UNTOUCHED: {
        "near": limits.RENEWAL_DAYS,
        "in": limits.UNTOUCHED_DAYS.enter,
        "out": limits.UNTOUCHED_DAYS.leave,
    },
    Rule.RENEWAL_INACTIVE: {
        "near": limits.RENEWAL_DAYS,
        "in": limits.INACTIVE_DAYS.enter,
        "out": limits.INACTIVE_DAYS.leave,
    },
    Rule.NOTICE_NEAR: {"notice": limits.NOTICE_DAYS},
    Rule.AUTO_RENEWAL_NEAR: {"auto": limits.AUTO_RENEWAL_DAYS},
    Rule.SCORE_AGAINST_MONEY: {
        "in_rate": limits.MONEY_FALL_RATE.enter,
        "out_rate": limits.MONEY_FALL_RATE.leave,
        "days": limits.MONEY_DAYS,
    },
    Rule.GOAL_MISSED: {"slack_rate": limits.GOAL_SLACK_RATE, "after": limits.GOAL_AFTER_DAYS},
    Rule.SUPPORT_LOAD: {
        "open": limits.OPEN_TICKETS.enter,
        "opened": limits.OPENED_TICKETS.enter,
        "open_out": limits.OPEN_TICKETS.leave,
    },
    Rule.VALUE_UNKNOWN: {"near": limits.RENEWAL_DAYS, "valid": limits.VALUE_VALID_DAYS},
}


def shipped() -> list[dict[str, Any]]:
    """Every shipped rule: `rule`, `title`, `words`, `life` (its k evaluations and cool-down)."""
    return [
        {"rule": it.value, "title": it.label, "words": _words(it), "life": LIVES[it]}
        for it in Rule
        if it != Rule.OWN
    ]


def _words(rule: str) -> str:
    return filled(str(WORDS[rule]), NUMBERS.get(rule, {}))


def rule_of(alert: Alert) -> dict[str, Any]:
    """The rule that raised an alert, in words, and its life."""
    if alert.rule != Rule.OWN:
        return {"words": _words(alert.rule), "life": LIVES[alert.rule]}
    known = next((it for it in defined_rules() if it.name == alert.about), None)
    if known is None:
        return {"words": _("This own rule was taken back."), "life": None}
    owners = dict(User.objects.values_list("pk", "name"))
    words = {"enter": words_of(known.enter, owners=owners)}
    text = _("Raised for: %(enter)s.") % words
    if known.leave:
        words["leave"] = words_of(known.leave, owners=owners)
        text = _("Raised for: %(enter)s. Kept as long as: %(leave)s.") % words
    return {"words": text, "life": Life(known.calm_days, known.cool_down_days)}
