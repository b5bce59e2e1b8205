"""What the customer list can be filtered and sorted by. Paths start at the figures' row."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.filters import Field, Kind, parse
from perennial.customers.models import Fit, Segment, Stage, Tier
from perennial.customers.segments.reading import SEGMENT, fields_behind
from perennial.health.models import Band
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.web import formats


def _choices(of: type[TextChoices]) -> tuple[tuple[str, str | Promise], ...]:
    return tuple((str(value), label) for value, label in of.choices)


FIELDS: tuple[Field, ...] = (
    Field("tier", _("Tier"), Kind.CHOICE, "customer__tier", _choices(Tier)),
    Field("band", _("Health"), Kind.CHOICE, "band", _choices(Band)),
    Field("stage", _("Stage"), Kind.CHOICE, "stage", _choices(Stage)),
    Field(
        "fit", pgettext_lazy("target customer", "Fit"), Kind.CHOICE, "customer__fit", _choices(Fit)
    ),
    Field("industry", _("Industry"), Kind.TEXT, "customer__industry"),
    Field("region", _("Region"), Kind.TEXT, "customer__region"),
    Field("size", _("Size"), Kind.TEXT, "customer__size"),
    Field("tags", _("Tags"), Kind.SEVERAL, "customer__tags"),
    Field("owner", _("CSM"), Kind.USER, "customer__owner_id"),
    Field("score", _("Health score"), Kind.NUMBER, "score"),
    Field("coverage", _("Share measured"), Kind.NUMBER, "coverage_rate", is_rate=True),
    Field("score_change", _("Score change, 30 d"), Kind.NUMBER, "score_change"),
    Field("day_change", _("Score change since yesterday"), Kind.NUMBER, "day_change"),
    Field("arr", _("ARR"), Kind.NUMBER, "arr", is_money=True),
    Field("usage", _("Usage, 28 d"), Kind.NUMBER, "usage_trend_rate", is_rate=True),
    Field("seats", _("Seats used"), Kind.NUMBER, "seat_rate", is_rate=True),
    Field("seats_bought", _("Seats bought"), Kind.NUMBER, "seats_bought", is_whole=True),
    Field("people", _("Active people, 28 d"), Kind.NUMBER, "seats_used", is_whole=True),
    Field("renewal", _("Renewal"), Kind.DATE, "renewal_on"),
    Field("renewed", _("Already renewed"), Kind.FLAG, "is_renewed"),
    Field("renewal_amount", _("Amount due"), Kind.NUMBER, "renewal_amount", is_money=True),
    Field("at_risk", _("Money at risk"), Kind.NUMBER, "money_at_risk", is_money=True),
    Field("nps", _("NPS"), Kind.NUMBER, "nps"),
    Field("tickets", _("Open tickets"), Kind.NUMBER, "open_tickets", is_whole=True),
    Field("alerts", _("Open alerts"), Kind.NUMBER, "open_alerts", is_whole=True),
    Field("touch", _("Last touch"), Kind.DATE, "last_touch_on"),
    Field("seen", _("Last seen"), Kind.DATE, "last_seen_on"),
    Field("silent", _("Silent"), Kind.FLAG, "is_silent"),
    Field("since", _("Customer since"), Kind.DATE, "customer__created_on"),
    Field("stage_since", _("In this stage since"), Kind.DATE, "customer__stage_since_on"),
)

SORTS: dict[str, str] = {
    "name": "customer__name",
    "owner": "customer__owner__name",
    "tier": "customer__tier",
    "score": "score",
    "score_change": "score_change",
    "day_change": "day_change",
    "arr": "arr",
    "usage": "usage_trend_rate",
    "seats": "seat_rate",
    "renewal": "renewal_on",
    "nps": "nps",
    "tickets": "open_tickets",
    "touch": "last_touch_on",
    "at_risk": "money_at_risk",
    "seen": "last_seen_on",
    "since": "customer__created_on",
    "alerts": "open_alerts",
}
MONEY_SORTS = frozenset({"arr", "at_risk"})


def fields_for(user: User) -> tuple[Field, ...]:
    """A filter on an amount would tell the amount: without money there is no such field, and no
    segment that reads it."""
    open_to = tuple(field for field in FIELDS if sees_money(user) or not field.is_money)
    return (*open_to, _segment_field(user, {field.name for field in open_to}))


def _segment_field(user: User, names: set[str]) -> Field:
    """Everybody's segments and the own, retired ones too: what was kept with them still reads."""
    known = list(Segment.objects.order_by("retired_at", "name"))
    texts = {it.name: it.filter for it in known}
    choices = tuple(
        (it.name, formats.named(it.title_zh, it.title_en))
        for it in known
        if (it.shared or it.owner_id == user.pk)
        and fields_behind(parse(it.filter), texts) - {SEGMENT} <= names
    )
    return Field(SEGMENT, _("Segment"), Kind.SEGMENT, "pk", choices or NO_SEGMENT)


NO_SEGMENT = (("-", "–"),)  # no segment has this name: without any, none can be asked for
