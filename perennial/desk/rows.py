"""One dictionary per customer row, ready to print: templates decide nothing per cell."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from perennial.customers.models import Stage
from perennial.desk.models import CustomerFigures
from perennial.web import formats
from perennial.web.templatetags.ui import change_tone, due_tone, tone

COLUMNS = (
    "customer_id",
    "customer__name",
    "customer__name_en",
    "customer__tier",
    "customer__industry",
    "customer__region",
    "customer__owner__name",
    "stage",
    "score",
    "band",
    "score_change",
    "trend",
    "arr",
    "usage_trend_rate",
    "seats_used",
    "seats_bought",
    "renewal_on",
    "is_renewed",
    "nps",
    "open_tickets",
    "open_alerts",
    "money_at_risk",
    "last_touch_on",
    "last_seen_on",
    "customer__created_on",
    "customer__tags",
    "customer__size",
)
USAGE_FELL, USAGE_ROSE = -0.25, 0.15
UNTOUCHED_DAYS = 60
QUIET_STAGES = frozenset({"", Stage.STEADY})


def display_name(name: str, name_en: str) -> str:
    """The name in the reader's language, where there is one."""
    return formats.named(name, name_en)


def rows(found: QuerySet[CustomerFigures], *, on: date) -> list[dict[str, Any]]:
    """The rows of one page, in their order: one query."""
    pages = reverse("desk:customers")
    return [_row(values, on, pages) for values in found.values(*COLUMNS)]


def _row(values: dict[str, Any], on: date, pages: str) -> dict[str, Any]:
    name = display_name(values["customer__name"], values["customer__name_en"])
    place = (values["customer__industry"], values["customer__region"])
    return {
        "pk": values["customer_id"],
        "url": f"{pages}{values['customer_id']}/",
        "name": name,
        "tier": values["customer__tier"],
        "place": " · ".join(filter(None, place)),
        "stage": values["stage"] if values["stage"] not in QUIET_STAGES else "",
        "stage_title": Stage(values["stage"]).label if values["stage"] else "",
        "score": values["score"],
        "band": values["band"],
        **change_cell(values["score_change"]),
        "trend": values["trend"],
        "tone": tone(values["band"]),
        "arr": formats.money(values["arr"]),
        "owner": values["customer__owner__name"] or "",
        "nps": formats.number(values["nps"]),
        "nps_tone": _nps_tone(values["nps"]),
        "tickets": values["open_tickets"],
        "alerts": values["open_alerts"],
        "at_risk": formats.money(values["money_at_risk"]),
        "seen": formats.day(seen) if (seen := values["last_seen_on"]) else formats.UNKNOWN,
        "since": formats.day(since)
        if (since := values["customer__created_on"])
        else formats.UNKNOWN,
        "tags": values["customer__tags"],
        "size": values["customer__size"],
        **_usage(values),
        **_dates(values, on),
    }


def change_cell(points: float | None) -> dict[str, str]:
    """A change that rounds to nothing is not shown, and never red."""
    whole = round(points or 0)
    return {"change": formats.signed(whole) if whole else "", "change_tone": change_tone(whole)}


def _usage(values: dict[str, Any]) -> dict[str, Any]:
    usage, used, bought = (
        values[name] for name in ("usage_trend_rate", "seats_used", "seats_bought")
    )
    told = f"{formats.number(used)} / {formats.number(bought)}"
    return {
        "usage": formats.percent(usage, sign=True),
        "usage_tone": _usage_tone(usage),
        "seats_used": used,
        "seats_bought": bought,
        "seats": told if bought else formats.number(used),
    }


def _dates(values: dict[str, Any], on: date) -> dict[str, Any]:
    renewal, touch = values["renewal_on"], values["last_touch_on"]
    renewed = values["is_renewed"]
    untouched = touch is None or (on - touch).days >= UNTOUCHED_DAYS
    return {
        "due": formats.due(renewal, today=on),
        "due_on": formats.day(renewal) if renewal else "",
        "due_tone": "" if renewed else due_tone(renewal, on),
        "renewed": renewed,
        "touch": formats.relative(touch, today=max(on, touch)) if touch else formats.UNKNOWN,
        "touch_tone": "t-bad" if untouched and touch else "",
    }


def _usage_tone(rate: float | None) -> str:
    if rate is None:
        return "mut"
    return "t-bad" if rate <= USAGE_FELL else "t-good" if rate >= USAGE_ROSE else ""


def _nps_tone(score: float | None) -> str:
    if score is None:
        return "mut"
    return "t-bad" if score <= 6 else "t-good" if score >= 9 else ""
