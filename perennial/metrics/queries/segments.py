"""Whom a goal is meant for: customers by what is written in their record."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from perennial.customers.filters import Field, Kind, compile_filter, parse
from perennial.customers.models import Customer, Stage, Tier
from perennial.customers.segments.queries import SEGMENT_FIELD

FIELDS: tuple[Field, ...] = (
    Field("tier", _("Tier"), Kind.CHOICE, "tier", tuple(Tier.choices)),
    Field("stage", _("Stage"), Kind.CHOICE, "stage", tuple(Stage.choices)),
    Field("industry", _("Industry"), Kind.TEXT, "industry"),
    Field("region", _("Region"), Kind.TEXT, "region"),
    Field("size", _("Size"), Kind.TEXT, "size"),
    Field("owner", _("CSM"), Kind.USER, "owner_id"),
    Field("since", _("Customer since"), Kind.DATE, "created_on"),
    SEGMENT_FIELD,
)


def members(segment: str, *, as_of: date) -> frozenset[str] | None:
    """External ids of the customers that a filter means; None: all, known or not.

    Raises FilterRefused for a text that is no filter of customers.
    """
    if not segment:
        return None
    meant = compile_filter(parse(segment), FIELDS, as_of=as_of, user_id=None)
    return frozenset(Customer.objects.filter(meant).values_list("external_id", flat=True))
