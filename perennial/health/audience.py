"""Which profile judges whom: audiences are filter texts over the facts of the cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext_lazy as _

from perennial.customers.filters import Field, Kind, parse
from perennial.customers.matching import matches
from perennial.customers.models import Stage
from perennial.customers.segments.queries import SEGMENT_FIELD
from perennial.health.inputs.cases import Ints, Readings
from perennial.health.rules.definition import Profile

FIELDS: tuple[Field, ...] = (
    Field("stage", _("Stage"), Kind.CHOICE, "stage", tuple(Stage.choices)),
    Field("tier", _("Tier"), Kind.TEXT, "tier"),
    Field("fit", _("Fit"), Kind.TEXT, "fit"),
    Field("industry", _("Industry"), Kind.TEXT, "industry"),
    Field("size", _("Size"), Kind.TEXT, "size"),
    Field("region", _("Region"), Kind.TEXT, "region"),
    Field("tags", _("Tags"), Kind.TEXT, "tags"),
    Field("arr", _("ARR"), Kind.NUMBER, "arr", is_money=True),
    Field("seats", _("Seats"), Kind.NUMBER, "seats"),
    Field("age_days", _("Days since the start"), Kind.NUMBER, "age_days"),
    Field("due_in_days", _("Days until the due date"), Kind.NUMBER, "due_in_days"),
    SEGMENT_FIELD,
)


def profile_of_each(profiles: Sequence[Profile], readings: Readings) -> Ints:
    """The profile of each case as a position in `profiles`, −1 where none matches: the highest
    priority, of equals the first name. Raises FilterRefused for an unreadable audience."""
    found = np.full(len(readings.cases), -1, "int64")
    order = sorted(
        range(len(profiles)), key=lambda place: (-profiles[place].priority, profiles[place].name)
    )
    for place in order:
        fits = matches(
            parse(profiles[place].audience),
            FIELDS,
            readings.facts,
            as_of=readings.cases.as_of,
        )
        found[fits & (found < 0)] = place
    return found
