"""What a measure can be made from: every source by name, in words. Scales and groups are the
defaults' (`rules.defaults.MEASURES`); any metric of the catalogue is a source as well
(`metric:event_count;window=28;event=login`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.health.rules.defaults import MEASURES
from perennial.health.rules.definition import is_usage

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Source:
    """A source in words. `meaning`: how its value comes about; `sentence`: what is said of one
    customer, filled with the column's params. `in_percent`: the value is a share or change."""

    id: str
    title: Words
    unit: Words
    meaning: Words
    sentence: Words
    in_percent: bool = False

    @property
    def group(self) -> str:
        return MEASURES[self.id][0]

    @property
    def scale(self) -> list[list[float]]:
        """The points that it starts with: value and score."""
        return MEASURES[self.id][1]

    @property
    def stale_days(self) -> int | None:
        """Days after which a value no longer counts; None: it always does."""
        return MEASURES[self.id][2]

    @property
    def usage(self) -> bool:
        return is_usage(self.id)


_LATELY = _("days of the last 28")
_AGAINST = _("% against before")
_SINCE = _("days since")
_TEN = _("0 to 10")
_TICKETS = pgettext_lazy("unit", "tickets")
_OPINION = _("a colleague says %(value)s of 10")

_USAGE: Final = (
    Source(
        "active_days",
        _("Active days"),
        _LATELY,
        _("Days of the last 28 with at least one event of anybody."),
        _("used on %(days)s of the last 28 days"),
    ),
    Source(
        "volume_trend",
        _("Usage against own past"),
        _AGAINST,
        _(
            "Events per day of the last 28 days against the 84 days before; no event left is "
            "−100 %. Less than 14 days of past is no value."
        ),
        _("%(count)s uses in 28 days; %(usual)s per 28 days before"),
        in_percent=True,
    ),
    Source(
        "last_seen",
        _("Last seen"),
        _("days ago"),
        _("Days since the last event of anybody."),
        _("last used %(days)s days ago"),
    ),
    Source(
        "breadth",
        _("Features in use"),
        "%",
        _(
            "Different tracked features used in 28 days ÷ tracked features; connected from three "
            "features on. Of past days, the features that were ever used by then."
        ),
        _("%(count)s of %(features)s features used in 28 days"),
        in_percent=True,
    ),
    Source(
        "seat_use",
        _("Seats in use"),
        "%",
        _("Different people active in 28 days ÷ licensed seats; connected once orders have any."),
        _("%(people)s active people for %(seats)s seats"),
        in_percent=True,
    ),
    Source(
        "people_trend",
        _("Active people against before"),
        _AGAINST,
        _("Different people active in 28 days against the 28 days before."),
        _("%(people)s active people in 28 days; %(before)s before"),
        in_percent=True,
    ),
    Source(
        "goals_met",
        _("Goals met"),
        "%",
        _(
            "North-star goals that are met ÷ those meant for the customer, each in its own window; "
            "goals that were set or changed later are none of a past day."
        ),
        _("%(count)s of %(goals)s goals met"),
        in_percent=True,
    ),
)
_RELATIONSHIP: Final = (
    Source(
        "key_contact",
        _("Contact with grade S people"),
        _SINCE,
        _(
            "Days since anybody of grade S was reached, or since there was one; only of customers "
            "with such people."
        ),
        _("grade S contact not reached for %(days)s days"),
    ),
    Source(
        "any_touch",
        _("Contact"),
        _SINCE,
        _("Days since any contact; without one, since the customer came."),
        _("last contact %(days)s days ago"),
    ),
    Source(
        "key_people_left",
        _("Grade S people who left"),
        pgettext_lazy("unit", "people"),
        _("Grade S people whose last day lies in the last 90; of customers that have or had any."),
        _("%(count)s grade S people left in 90 days"),
    ),
)
_SUPPORT: Final = (
    Source(
        "support_load",
        _("Open tickets"),
        _("open tickets and half of the new ones"),
        _("Tickets open at the end of the day, and half of those opened in 28 days."),
        _("%(open)s tickets open, %(opened)s opened in 28 days"),
    ),
    Source(
        "open_tickets",
        _("Tickets not closed"),
        _TICKETS,
        _("Tickets open at the end of the day."),
        _("%(count)s tickets open"),
    ),
    Source(
        "open_complaints",
        _("Complaints not closed"),
        _TICKETS,
        _("Open tickets whose kind holds the word complaint or 投诉; connected once one has."),
        _("%(count)s complaints open, the oldest for %(days)s days"),
    ),
)
_VOICE: Final = (
    Source(
        "nps",
        _("NPS"),
        _TEN,
        _("Mean of everybody's newest answer, of the year up to the newest one."),
        _("NPS score %(score)s on average (answers: %(answers)s)"),
    ),
    Source(
        "csat",
        _("Satisfied people (CSAT)"),
        "%",
        _("Share of people whose newest answer of the year is at least 4 of 5."),
        _("%(satisfied_rate)s satisfied (answers: %(answers)s)"),
        in_percent=True,
    ),
)
_MONEY: Final = (
    Source(
        "overdue",
        _("Overdue invoices"),
        _("days late"),
        _("Days since the oldest unpaid invoice fell due; of customers that were ever billed."),
        _("invoice overdue by %(days)s days"),
    ),
    Source(
        "due_in",
        _("Days to renewal"),
        pgettext_lazy("unit", "days"),
        _("Days until the next contract that nobody renewed falls due; below zero when past."),
        _("contract due in %(days)s days"),
    ),
    Source(
        "seats_change",
        _("Seats against 90 days before"),
        _AGAINST,
        _("Licensed seats against those of 90 days before."),
        _("%(seats)s seats; %(before)s 90 days before"),
        in_percent=True,
    ),
    Source(
        "value_change",
        _("Contract value against a year before"),
        _AGAINST,
        _("Yearly amount of live contracts against 365 days before, in the company's currency."),
        _("%(value)s a year; %(before)s a year before"),
        in_percent=True,
    ),
)
_SAID: Final = (
    Source(
        "executive_use",
        _("Executive use"),
        _TEN,
        _(
            "Ten times the share of grade S people who used the product in 28 days, where one of "
            "them is known by a user id of the events; else what a colleague says."
        ),
        _OPINION,
    ),
    Source(
        "process_embedding",
        _("Process embedding"),
        _TEN,
        _("What a colleague says, with evidence; the newest counts until its validity."),
        _OPINION,
    ),
    Source(
        "sentiment",
        _("CSM sentiment"),
        _TEN,
        _("What a colleague says, with evidence; the newest counts until its validity."),
        _OPINION,
    ),
    Source(
        "value_perception",
        _("Value perception"),
        _TEN,
        _("The lowest of the newest valid opinions on each decision maker."),
        _("lowest of %(people)s decision makers: %(value)s of 10"),
    ),
)
SOURCES: Final[Mapping[str, Source]] = {
    it.id: it for it in (*_USAGE, *_RELATIONSHIP, *_SUPPORT, *_VOICE, *_MONEY, *_SAID)
}
_COUNTED: Final = _("%(using)s of %(people)s grade S people used it in 28 days")


def sentence_of(source: str, params: Mapping[str, Any]) -> Words:
    """What is said of one customer, to be filled with its params; '' for an unknown source."""
    if source == "executive_use" and params.get("source") == "counted":
        return _COUNTED
    found = SOURCES.get(source)
    return found.sentence if found else ""
