"""Who stands in a segment, and which segments somebody may use.

Membership is kept by the day (`desk`), so that every slice can ask for it: as of the end of a
day, as it was filled then. What an audience may filter by is the record and `segment`; whatever
else should decide (health, money, usage, work) is put into a segment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from numpy.typing import NDArray

from perennial.customers.filters import AllOf, Field, Kind, compile_filter, parse
from perennial.customers.models import Customer, Fit, Segment, SegmentMember, Stage, Tier
from perennial.customers.segments.reading import SEGMENT, fields_behind
from perennial.team.models import User

SEGMENT_FIELD = Field(SEGMENT, _("Segment"), Kind.SEGMENT, "pk")
RECORD_FIELDS: tuple[Field, ...] = (
    Field("tier", _("Tier"), Kind.CHOICE, "tier", tuple(Tier.choices)),
    Field("stage", _("Stage"), Kind.CHOICE, "stage", tuple(Stage.choices)),
    Field("fit", pgettext_lazy("target customer", "Fit"), Kind.CHOICE, "fit", tuple(Fit.choices)),
    Field("industry", _("Industry"), Kind.TEXT, "industry"),
    Field("region", _("Region"), Kind.TEXT, "region"),
    Field("size", _("Size"), Kind.TEXT, "size"),
    Field("tags", _("Tags"), Kind.SEVERAL, "tags"),
    Field("owner", _("CSM"), Kind.USER, "owner_id"),
    Field("since", _("Customer since"), Kind.DATE, "created_on"),
    SEGMENT_FIELD,
)
_A_DAY = date(2000, 1, 1)


def members(name: str, day: date) -> frozenset[int]:
    """Primary keys of the customers in a segment at the end of a day; empty for no such one."""
    return frozenset(standing(day).filter(segment__name=name).values_list("customer", flat=True))


def matching(filter_text: str, *, on: date) -> set[int]:
    """Primary keys of the customers that a filter of RECORD_FIELDS means; merged ones left out.

    Raises FilterRefused with a sentence for a text that is none, or names no such field or segment.
    """
    wanted = compile_filter(parse(filter_text), RECORD_FIELDS, as_of=on, user_id=None)
    alive = Customer.objects.filter(merged_into__isnull=True)
    return set(alive.filter(wanted).values_list("pk", flat=True))


def check(filter_text: str) -> AllOf:
    """The tree of an audience. Raises FilterRefused as `matching` does."""
    tree = parse(filter_text)
    compile_filter(tree, RECORD_FIELDS, as_of=_A_DAY, user_id=None)
    return tree


def standing(day: date) -> QuerySet[SegmentMember]:
    """Who stands in segments at the end of a day."""
    now = Q(until_on__isnull=True) | Q(until_on__gt=day)
    return SegmentMember.objects.filter(now, from_on__lte=day)


def texts() -> dict[str, str]:
    """The filters of all segments by name, retired ones too: what they are used in still reads."""
    return dict(Segment.objects.values_list("name", "filter"))


def fields_read(filter_text: str) -> set[str]:
    """Every field that decides whom a filter means, also through segments."""
    return fields_behind(parse(filter_text), texts())


def segments_for(user: User, *, retired: bool = False) -> QuerySet[Segment]:
    """What this user may use: everybody's and the own. Whether the role may read all fields of
    it is asked where the fields are known."""
    seen = Segment.objects.filter(Q(shared=True) | Q(owner=user)).select_related("owner")
    return seen.filter(retired_at__isnull=not retired).order_by("name")


def segment_for(user: User, name: str) -> Segment:
    """One segment, or Http404: somebody else's private one does not exist for this user."""
    seen = Segment.objects.filter(Q(shared=True) | Q(owner=user)).select_related("owner")
    found = seen.filter(name=name).first()
    if found is None:
        raise Http404
    return found


def names_of_each(
    customers: NDArray[np.int64], as_of: NDArray[np.datetime64]
) -> NDArray[np.object_]:
    """The shared segments in which each customer stood at the end of its day, as tuples: the
    column that `matching.matches` asks."""
    rows = SegmentMember.objects.filter(segment__shared=True).order_by("segment__name")
    spans: dict[int, list[tuple[str, date, date | None]]] = {}
    for pk, name, from_on, until_on in rows.values_list(
        "customer", "segment__name", "from_on", "until_on"
    ):
        spans.setdefault(pk, []).append((name, from_on, until_on))
    found = np.empty(len(customers), object)
    days = as_of.astype("datetime64[D]").tolist()
    found[:] = [
        tuple(
            name
            for name, from_on, until_on in spans.get(pk, ())
            if from_on <= day and (until_on is None or day < until_on)
        )
        for pk, day in zip(customers.tolist(), days, strict=True)
    ]
    return found


def titles(*, chinese: bool) -> Mapping[str, Any]:
    """Titles by name in a language."""
    column = "title_zh" if chinese else "title_en"
    return dict(Segment.objects.values_list("name", column))
