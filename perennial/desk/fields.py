"""What the customer list can be filtered and sorted by. Paths start at the figures' row."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.filters import Field, Kind
from perennial.customers.models import Fit, Stage, Tier
from perennial.health.models import Band


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
    Field("owner", _("CSM"), Kind.USER, "customer__owner_id"),
    Field("score", _("Health score"), Kind.NUMBER, "score"),
    Field("score_change", _("Score change, 30 d"), Kind.NUMBER, "score_change"),
    Field("day_change", _("Score change since yesterday"), Kind.NUMBER, "day_change"),
    Field("arr", _("ARR"), Kind.NUMBER, "arr", is_money=True),
    Field("usage", _("Usage, 28 d"), Kind.NUMBER, "usage_trend_rate", is_rate=True),
    Field("seats", _("Seats used"), Kind.NUMBER, "seat_rate", is_rate=True),
    Field("renewal", _("Renewal"), Kind.DATE, "renewal_on"),
    Field("renewed", _("Already renewed"), Kind.FLAG, "is_renewed"),
    Field("renewal_amount", _("Amount due"), Kind.NUMBER, "renewal_amount", is_money=True),
    Field("at_risk", _("Money at risk"), Kind.NUMBER, "money_at_risk", is_money=True),
    Field("nps", _("NPS"), Kind.NUMBER, "nps"),
    Field("tickets", _("Open tickets"), Kind.NUMBER, "open_tickets"),
    Field("alerts", _("Open alerts"), Kind.NUMBER, "open_alerts"),
    Field("touch", _("Last touch"), Kind.DATE, "last_touch_on"),
    Field("seen", _("Last seen"), Kind.DATE, "last_seen_on"),
    Field("silent", _("Silent"), Kind.FLAG, "is_silent"),
    Field("since", _("Customer since"), Kind.DATE, "customer__created_on"),
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
}
MONEY_SORTS = frozenset({"arr", "at_risk"})


def fields_for(sees_money: bool) -> tuple[Field, ...]:
    """A filter on an amount would tell the amount: without money there is no such field."""
    return tuple(field for field in FIELDS if sees_money or not field.is_money)
