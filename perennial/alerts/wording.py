"""Alerts in words: why it was raised, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from perennial.alerts.models import Alert, Kind, Rule
from perennial.alerts.signals.columns import FIELDS
from perennial.customers.filters import Field
from perennial.customers.filters import Kind as FieldKind
from perennial.health.wording import filled
from perennial.web import formats

METRICS: dict[str, Promise] = {
    "event_count": gettext_lazy("Uses"),
    "people": gettext_lazy("People"),
    "nps": gettext_lazy("NPS"),
    "invoices": gettext_lazy("Days overdue"),
    "touches": gettext_lazy("Days without contact"),
    "seats": gettext_lazy("Seats"),
    "active_days": gettext_lazy("Active days in 28"),
    "notice": gettext_lazy("Days until the deadline"),
    "auto_renewal": gettext_lazy("Days until it renews"),
    "score": gettext_lazy("Health score"),
    "north_star_met": gettext_lazy("Goals met"),
    "tickets": gettext_lazy("Tickets opened in 28 days"),
    "value_perception": gettext_lazy("Value perception"),
    "own": gettext_lazy("Own rule"),
}
SENTENCES: dict[tuple[str, str], Promise] = {
    (Rule.USAGE_DROP, Kind.SUDDEN): gettext_lazy(
        "%(observed)s uses in the last %(days)s days, about %(expected)s expected:"
        " down %(drop_rate)s"
    ),
    (Rule.USAGE_DROP, Kind.SLOW): gettext_lazy(
        "%(observed)s uses in the last %(days)s days, about %(expected)s expected:"
        " low for weeks, down %(drop_rate)s"
    ),
    (Rule.USAGE_DROP, Kind.STOP): gettext_lazy(
        "no use for %(days)s days, longer than ever before; about %(expected)s expected"
    ),
    (Rule.USAGE_DROP, Kind.FADE): gettext_lazy(
        "%(observed)s uses in %(days)s days, about %(expected)s in the months before:"
        " fading, down %(drop_rate)s"
    ),
    (Rule.USAGE_DROP, Kind.EVERYONE): gettext_lazy(
        "All customers: %(observed)s uses in %(days)s days, about %(expected)s expected, down"
        " %(drop_rate)s. A holiday, an outage, or the event feed?"
    ),
    (Rule.SILENT, ""): gettext_lazy("no use for %(days)s days, the last on %(last_on)s"),
    (Rule.CONTACT_LEFT, ""): gettext_lazy(
        "%(name)s (grade %(grade)s, %(role)s) left on %(left_on)s"
    ),
    (Rule.CONTACT_LEFT, "no_role"): gettext_lazy("%(name)s (grade %(grade)s) left on %(left_on)s"),
    (Rule.CONTACT_SILENT, "unreached"): gettext_lazy(
        "%(name)s (grade %(grade)s) was last reached %(days)s days ago"
    ),
    (Rule.CONTACT_SILENT, "unused"): gettext_lazy(
        "%(name)s (grade %(grade)s) has not used it for %(days)s days, while the company goes on"
    ),
    (Rule.DETRACTOR, ""): gettext_lazy("NPS answer %(score)s"),
    (Rule.DETRACTOR, "comment"): gettext_lazy("NPS answer %(score)s: “%(comment)s”"),
    (Rule.SEATS_FALLING, "fallen"): gettext_lazy(
        "%(now)s seats, %(before)s were bought 90 days ago: down %(fall_rate)s"
    ),
    (Rule.SEATS_FALLING, "coming"): gettext_lazy(
        "%(before)s seats now, %(now)s signed for the time after: down %(fall_rate)s"
    ),
    (Rule.RENEWAL_UNTOUCHED, ""): gettext_lazy(
        "renewal in %(ahead)s days, last contact %(days)s days ago"
    ),
    (Rule.RENEWAL_UNTOUCHED, "never"): gettext_lazy(
        "renewal in %(ahead)s days, no contact on record"
    ),
    (Rule.RENEWAL_INACTIVE, ""): gettext_lazy(
        "renewal in %(ahead)s days, used on %(days)s of the last 28"
    ),
    (Rule.NOTICE_NEAR, ""): gettext_lazy(
        "they can give notice until %(until_on)s, %(days)s days from now"
    ),
    (Rule.AUTO_RENEWAL_NEAR, ""): gettext_lazy(
        "renews by itself after %(due_on)s, in %(ahead)s days"
    ),
    (Rule.SCORE_AGAINST_MONEY, "green_shrinks"): gettext_lazy(
        "health %(score)s is green, but the recurring revenue fell by %(change_rate)s in 90 days"
    ),
    (Rule.SCORE_AGAINST_MONEY, "green_late"): gettext_lazy(
        "health %(score)s is green, but an invoice is %(days)s days late"
    ),
    (Rule.SCORE_AGAINST_MONEY, "green_notice"): gettext_lazy(
        "health %(score)s is green, but notice was given for %(due_on)s"
    ),
    (Rule.SCORE_AGAINST_MONEY, "red_grows"): gettext_lazy(
        "health %(score)s is red, but the recurring revenue grew by %(change_rate)s in 90 days"
    ),
    (Rule.SCORE_AGAINST_MONEY, "green_shrinks_no_money"): gettext_lazy(
        "health %(score)s is green, but the recurring revenue shrinks"
    ),
    (Rule.SCORE_AGAINST_MONEY, "red_grows_no_money"): gettext_lazy(
        "health %(score)s is red, but the recurring revenue grows"
    ),
    (Rule.GOAL_MISSED, ""): gettext_lazy(
        "%(met)s of %(meant)s north-star goals met, %(needed)s needed"
    ),
    (Rule.SUPPORT_LOAD, ""): gettext_lazy(
        "%(open)s tickets open, %(opened)s opened in 28 days, usually %(usual)s"
    ),
    (Rule.VALUE_UNKNOWN, ""): gettext_lazy(
        "renewal in %(ahead)s days, and no decision maker's view of the value is known"
    ),
}
HIDDEN_WAYS = frozenset({"green_shrinks", "red_grows"})  # they say a share of money


def sentence(alert: Alert, *, money: bool) -> str:
    """Why this alert stands; with amounts only where the reader sees money."""
    return told(alert.rule, kind=alert.kind, params=alert.params, money=money)


def told(rule: str, *, kind: str, params: Mapping[str, Any], money: bool) -> str:
    """The sentence of a rule with its numbers."""
    if rule == Rule.OWN:
        return _own(params, money=money)
    if rule == Rule.INVOICE_OVERDUE:
        return _overdue(params, money=money)
    return filled(str(SENTENCES[rule, _way(rule, kind, params, money=money)]), params)


def _way(rule: str, kind: str, params: Mapping[str, Any], *, money: bool) -> str:
    """Which of a rule's sentences fits."""
    match rule:
        case Rule.USAGE_DROP:
            return kind
        case Rule.CONTACT_LEFT:
            return "" if params.get("role") else "no_role"
        case Rule.DETRACTOR:
            return "comment" if params.get("comment") else ""
        case Rule.RENEWAL_UNTOUCHED:
            return "never" if params.get("days") is None else ""
    way = str(params.get("way", ""))
    return f"{way}_no_money" if way in HIDDEN_WAYS and not money else way


def _overdue(params: Mapping[str, Any], *, money: bool) -> str:
    if not money:
        text = ngettext(
            "%(count)s invoice overdue, the oldest by %(days)s days",
            "%(count)s invoices overdue, the oldest by %(days)s days",
            int(params["count"]),
        )
        return filled(text, params)
    amount = formats.money(Decimal(str(params["amount"])), str(params["currency"]))
    text = ngettext(
        "%(count)s invoice overdue, the oldest by %(days)s days: %(amount)s",
        "%(count)s invoices overdue, the oldest by %(days)s days: %(amount)s",
        int(params["count"]),
    )
    return filled(text, {**params, "amount": amount})


def _own(params: Mapping[str, Any], *, money: bool) -> str:
    """What the own rule read of this customer."""
    return values_in_words(params.get("shown", ()), money=money) or own_title(params)


def values_in_words(read: Sequence[Sequence[Any]], *, money: bool) -> str:
    """Fields and values: `Usage, 28 d −35%, NPS 4`; no amount for those who see no money."""
    known = {field.name: field for field in FIELDS if money or not field.is_money}
    return pgettext("list", ", ").join(
        f"{known[name].title} {value_of(known[name], value)}"
        for name, value in read
        if name in known
    )


def own_title(params: Mapping[str, Any]) -> str:
    chinese = (get_language() or "").startswith("zh")
    return str(params["title_zh"] if chinese else params["title_en"])


def value_of(field: Field, value: Any) -> str:
    """What a field of an own rule says of a customer."""
    if value is None:
        return pgettext("filter", "unknown")
    if field.kind is FieldKind.NUMBER:
        if field.is_money:
            return formats.money(Decimal(str(value)))
        decimals = 0 if float(value).is_integer() else 1
        return formats.percent(value) if field.is_rate else formats.number(value, decimals=decimals)
    return str(dict(field.choices).get(value, value))


def title(alert: Alert) -> str:
    """The name of what was found: the kind of drop, the own rule, or the rule."""
    if alert.rule == Rule.OWN:
        return own_title(alert.params)
    return str(alert.get_kind_display() or alert.get_rule_display())


def since(alert: Alert, *, today: date) -> str:
    """How long the cause has lasted, relative to the day shown."""
    return formats.relative(alert.since_on, today=today)


def evidence(alert: Alert) -> str:
    """How sure we are, in one sentence; empty for plain facts."""
    if alert.probability is None:
        return ""
    if alert.probability < 0.0001:
        return _("by chance less than once in 10,000 such weeks")
    once_in = round(1 / max(alert.probability, 1e-9))
    return filled(_("by chance about once in %(once_in)s such weeks"), {"once_in": once_in})
