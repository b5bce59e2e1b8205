"""What the expressions of the catalogue read.

Days are compared and joined, never computed with: which day belongs to which period is worked
out beforehand (`calendar`), so that both engines see the same days in the same time zone.
"""

from __future__ import annotations

import ibis

activity = ibis.table(
    {
        "day": "date",
        "customer": "string",
        "person": "string",
        "product": "string",
        "value": "float64",
        "features": "int64",
        "deep": "float64",
        "bot": "boolean",
    },
    name="activity",
)
events = ibis.table(
    {
        "day": "date",
        "customer": "string",
        "person": "string",
        "event": "string",
        "product": "string",
        "source": "string",
        "value": "float64",
        "kind": "string",
        "bot": "boolean",
        "properties": "string",
    },
    name="events",
)
# Small ones, offered with each question.
features = ibis.table({"event": "string", "mask": "int64"}, name="features")
merged = ibis.table({"customer": "string", "survivor": "string"}, name="merged")
wanted = ibis.table({"customer": "string"}, name="wanted")
calendar = ibis.table(
    {"day": "date", "period_start": "date", "age": "int64", "is_now": "boolean"}, name="calendar"
)
periods = ibis.table(
    {
        "period_start": "date",
        "period_end": "date",
        "days": "int64",
        "observed_days": "int64",
        "covered": "float64",  # share of the days for which the sources' data are here
        "from_day": "int64",  # days since 1970
        "as_of": "date",
    },
    name="periods",
)
covered = ibis.table(
    {"period_start": "date", "customer": "string", "own_covered": "float64"}, name="covered"
)
observed = ibis.table({"customer": "string", "until_day": "int64"}, name="observed")
seats = ibis.table(
    {"period_start": "date", "customer": "string", "seats": "int64"}, name="licensed"
)
