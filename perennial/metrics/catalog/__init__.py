"""The usage metrics, each declared once: what it is called, what it means, how it is computed.

What counts as active stands here: a person is active on a day with at least one counted event
(events.rules.kinds.COUNTED). Expressions are Ibis: the same ones run on DuckDB and on Spark.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.events.store.functions import bit_count, bit_or
from perennial.metrics.catalog.metric import Metric, Parts
from perennial.metrics.catalog.trend import trend_parts, trend_value
from perennial.metrics.catalog.use import Use
from perennial.metrics.rules.periods import By
from perennial.metrics.rules.trend import PRIOR_DAYS

__all__ = ["METRICS", "Metric", "Parts", "Use", "metric_named"]

NEEDS_SEATS, NEEDS_FIRST, NEEDS_DEEP = "seats", "first_day", "deep"

EVENT_COUNT = Metric(
    "event_count",
    _("Events"),
    pgettext_lazy("unit", "events"),
    _("Sum of the events' values; an event without a value counts one."),
    lambda use, _past: {"value": use.value.sum().fill_null(0)},
    is_whole=True,
)
ACTIVE_PEOPLE = Metric(
    "active_people",
    _("Active people"),
    pgettext_lazy("unit", "people"),
    _("Different people with at least one event."),
    lambda use, _past: {"value": use.active_people},
)
ACTIVE_DAYS = Metric(
    "active_days",
    _("Active days"),
    pgettext_lazy("unit", "days"),
    _("Days with at least one event of anybody."),
    lambda use, _past: {"value": use.active_days},
)
LAST_SEEN_ON = Metric(
    "last_seen_on",
    _("Last seen"),
    pgettext_lazy("unit", "date"),
    _("The last day with an event."),
    lambda use, _past: {"value": use.last_on.max()},
)
SEAT_LOGIN_RATE = Metric(
    "seat_login_rate",
    _("Seat log-in rate"),
    pgettext_lazy("unit", "share"),
    _("Active people ÷ seats licensed at the end of the period (已开通账号登录率)."),
    lambda use, _past: {"people": use.active_people},
    lambda row: row.people / row.seats.nullif(0),
    by=(By.CUSTOMER,),
    needs=frozenset({NEEDS_SEATS}),
    unknown=_("No order says how many seats are licensed."),
)
FEATURE_BREADTH = Metric(
    "feature_breadth",
    _("Feature breadth"),
    pgettext_lazy("unit", "features"),
    _("Different tracked features that anybody used."),
    lambda use, _past: {"value": bit_count(bit_or(use.features))},
)
DEEP_USE_COUNT = Metric(
    "deep_use_count",
    _("Uses of deep features"),
    pgettext_lazy("unit", "uses"),
    _("Sum of the values of events that use a deep feature (深度功能)."),
    lambda use, _past: {"value": use.deep.sum().fill_null(0)},
    needs=frozenset({NEEDS_DEEP}),
    unknown=_("No feature is marked as deep."),
    is_whole=True,
)
STICKINESS = Metric(
    "stickiness",
    _("Stickiness"),
    pgettext_lazy("unit", "share"),
    _("Active people on an average day ÷ active people of the whole period (DAU ÷ MAU)."),
    lambda use, _past: {"person_days": use.person_days, "people": use.active_people},
    lambda row: row.person_days / (row.people * row.observed_days).nullif(0),
    unknown=_("The events name nobody."),
    absent=None,
)
USAGE_TREND_RATE = Metric(
    "usage_trend_rate",
    _("Usage trend"),
    pgettext_lazy("unit", "change"),
    _(
        "Events per day against the 84 days before: −1 silent, 0 as ever, 1 doubled. A younger "
        "past counts from its first day and needs 14 days."
    ),
    trend_parts,
    trend_value,
    before_days=PRIOR_DAYS,
    needs=frozenset({NEEDS_FIRST}),
    unknown=_("There is too little past to compare with."),
    absent=None,
)
NORTH_STAR_MET = Metric(
    "north_star_met",
    _("North star met"),
    pgettext_lazy("unit", "1 or 0"),
    _("1 when enough north-star goals are met; without goals, when there is any event."),
    lambda use, _past: {"value": use.is_active.max().cast("int64")},
    by=(By.CUSTOMER,),
)
METRICS: tuple[Metric, ...] = (
    EVENT_COUNT,
    ACTIVE_PEOPLE,
    ACTIVE_DAYS,
    LAST_SEEN_ON,
    SEAT_LOGIN_RATE,
    FEATURE_BREADTH,
    DEEP_USE_COUNT,
    STICKINESS,
    USAGE_TREND_RATE,
    NORTH_STAR_MET,
)


def metric_named(name: str) -> Metric | None:
    """A shipped metric; None when there is none of this name."""
    return next((metric for metric in METRICS if metric.name == name), None)
