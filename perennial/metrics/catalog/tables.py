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
# The same with every row that ever stood, for questions that say what was known when.
_KNOWN = {"received_on": "date", "replaced_on": "date"}
activity_ever = ibis.table(dict(activity.schema()) | _KNOWN, name="activity")
events_ever = ibis.table(dict(events.schema()) | _KNOWN | {"known_on": "date"}, name="events")
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
# A row per case and id that a customer's rows are stored under; `known_on` is a day far ahead
# where everything counts that is known now.
cases = ibis.table(
    {"case": "int64", "customer": "string", "as_of": "date", "known_on": "date"}, name="cases"
)
case_facts = ibis.table(
    {
        "case": "int64",
        "seats": "int64",
        "from_day": "int64",
        "days": "int64",
        "observed_days": "int64",
    },
    name="case_facts",
)
wanted_people = ibis.table({"case": "int64", "person": "string"}, name="wanted_people")
