"""From recorded lines to what each is worth and when, set by set: `contracts.rules.resolve` and
`rules.service` in SQL. Each statement makes one table of the session.

lines → current (as known) → services, notices → due → cuts → terms.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import numpy as np
import pyarrow as pa

from perennial.events.store import Session, literal
from perennial.revenue.engine.amounts import PARTS, millionths
from perennial.revenue.engine.faults import NeedsExactRoad
from perennial.revenue.rules.definitions import (
    ChurnRecognition,
    Definitions,
    Discounts,
    UsageRevenue,
)
from perennial.revenue.rules.rates import Rates
from perennial.units.period import ONE_DAY

COMMITTED: Final = "('new', 'renewal', 'addon', 'downsell')"
DATED: Final = "discount <> 0 AND discount_end_on IS NOT NULL AND end_on IS NOT NULL"
LARGEST: Final = 2**31  # of a rate's numerator and denominator: so nothing overflows 127 bits

# The newest version of each row. Only keys that repeat need sorting (equal marks of different
# keys merely sort a few rows more), and in most ledgers none does.
MARKS: Final = "SELECT hash({key}) AS mark FROM {name} WHERE {known}"
ONCE: Final = "CREATE TEMP VIEW {name}_current AS SELECT * FROM {name} WHERE {known}"
NEWEST: Final = """
CREATE TEMP VIEW {name}_current AS
SELECT *, 1 AS age FROM {name}
WHERE {known} AND hash({key}) NOT IN (FROM {name}_twice)
UNION ALL
SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY recorded_at DESC) AS age FROM {name}
WHERE {known} AND hash({key}) IN (FROM {name}_twice)
QUALIFY age = 1"""

# A service is named by its rowid: numbers join faster than the ids of orders.
SERVICES: Final = """
CREATE TEMP TABLE services AS
SELECT customer_id, order_id, kind, product, start_on, end_on, renews, currency,
    millionths, basis, interval_months, discount, discount_end_on
FROM lines_current
WHERE NOT void AND kind IN {kinds}"""

# Months between two days as up/down: amount · up / down is the amount a month (A0.4).
SPANS: Final = """
CREATE TEMP TABLE spans AS
WITH pairs AS (
    SELECT start_on, end_on FROM services WHERE basis = 'term' AND end_on IS NOT NULL
    UNION
    SELECT start_on, end_on FROM services WHERE {dated}
    UNION
    SELECT start_on, discount_end_on FROM services WHERE {dated}
), whole AS (
    SELECT *, (year(end_on) - year(start_on)) * 12 + month(end_on) - month(start_on) AS most
    FROM pairs
), months AS (
    SELECT *, CASE WHEN (start_on + to_months(most::INTEGER))::DATE > end_on
        THEN most - 1 ELSE most END AS months
    FROM whole
), rest AS (
    SELECT *, (start_on + to_months(months::INTEGER))::DATE AS turned_on,
        (start_on + to_months(months::INTEGER + 1))::DATE AS turns_on
    FROM months
)
SELECT start_on, end_on,
    CASE WHEN turned_on = end_on THEN 1 ELSE turns_on - turned_on END AS up,
    CASE WHEN turned_on = end_on THEN months
        ELSE months * (turns_on - turned_on) + (end_on - turned_on) END AS down
FROM rest"""

# The cancellation that ends each service first; a downsell also ends with what it reduced.
NOTICES: Final = """
CREATE TEMP TABLE notices AS
WITH cancelled AS (
    SELECT unnest(renews) AS named, start_on, signed_on,
        coalesce(recorded_on, recorded_at::DATE) AS recorded_on
    FROM lines_current WHERE NOT void AND kind = 'cancellation'
), first AS (
    SELECT named, min({'start_on': start_on, 'signed_on': signed_on,
        'recorded_on': recorded_on}) AS notice
    FROM cancelled GROUP BY named
), reaches AS (
    SELECT rowid AS id, kind, end_on, order_id AS named FROM services
    UNION ALL
    SELECT rowid, kind, end_on, unnest(renews) FROM services WHERE kind = 'downsell'
), ended AS (
    SELECT id, any_value(kind) AS kind, any_value(end_on) AS end_on, min(notice) AS notice
    FROM reaches JOIN first USING (named) GROUP BY id
)
SELECT id, notice FROM ended
WHERE kind = 'downsell' OR end_on IS NULL OR notice.start_on <= end_on"""

DUE: Final = """
CREATE TEMP VIEW due AS
SELECT services.rowid AS id, services.*, notice,
    CASE WHEN end_on IS NOT NULL OR notice IS NOT NULL  -- least and greatest pass over NULL
        THEN greatest(least(end_on, notice.start_on), start_on) END AS due_end_on
FROM services LEFT JOIN notices ON notices.id = services.rowid"""

# A renewal ends what it renews on its first day: the whole due group, or an open-ended order and
# its downsells; a cancelled order counts no longer than that, either (terms._renewals).
CUTS: Final = """
CREATE TEMP TABLE cuts AS
WITH renewals AS (
    SELECT id AS by_id, start_on AS by_on, unnest(renews) AS named
    FROM due WHERE kind = 'renewal' AND due_end_on IS DISTINCT FROM start_on
), early AS (
    SELECT by_id, by_on, id, customer_id, due_end_on
    FROM renewals JOIN due ON order_id = named
    WHERE kind IN {committed}
        AND (notice IS NOT NULL OR by_on < coalesce(due_end_on, DATE '9999-12-31'))
), reached AS (
    SELECT by_id, due.id FROM early JOIN due USING (customer_id, due_end_on)
    WHERE kind IN {committed}
    UNION ALL
    SELECT by_id, id FROM early WHERE due_end_on IS NULL
), replaced AS (
    SELECT id, renewal.start_on AS cut_on, line.order_id, line.due_end_on
    FROM reached JOIN services AS renewal ON renewal.rowid = by_id JOIN due AS line USING (id)
    WHERE line.order_id <> renewal.order_id AND (
        list_contains(renewal.renews, line.order_id) OR (line.start_on < renewal.start_on
            AND NOT (line.kind = 'renewal' AND list_has_any(line.renews, renewal.renews))))
), reductions AS (
    SELECT id, due_end_on, unnest(renews) AS order_id FROM due WHERE kind = 'downsell'
)
SELECT id, min(cut_on) AS cut_on
FROM (
    SELECT id, cut_on FROM replaced
    UNION ALL
    SELECT less.id, cut_on FROM replaced JOIN reductions AS less USING (order_id)
    WHERE replaced.due_end_on IS NULL AND cut_on < coalesce(less.due_end_on, DATE '9999-12-31')
)
GROUP BY id"""

# Of top/bottom millionths a month, the whole ones and the part of one, rounded towards zero. In
# 64 bits where nothing can overflow on the way, else in 128.
PIECES: Final = (
    "CREATE TEMP MACRO whole_of(top, bottom) AS (top // bottom)::BIGINT",
    "CREATE TEMP MACRO part_of(top, bottom) AS "
    f"((top % bottom)::{{wide}} * {PARTS} // bottom)::BIGINT",
)
SIZES: Final = """
SELECT (SELECT coalesce(max(abs(millionths)), 0)::HUGEINT FROM services),
    coalesce(max(up), 1), coalesce(max(down), 1),
    (SELECT coalesce(max(interval_months), 1) FROM services)
FROM spans"""

# `whole` and `part` of a millionth a month (columns.Amounts); where `unknown` says why (1: no
# rate, 2: no split), they do not count.
TERMS: Final = """
CREATE TEMP TABLE terms AS
WITH timed AS (
    SELECT id, customer_id, start_on, {until} AS until_on, {dated} AS is_dated,
        rate_up IS NULL AND currency <> {currency} AS missing_rate,
        basis = 'total' AND kind <> 'usage' AS no_split,
        millionths::{wide} * CASE basis WHEN 'term' THEN up ELSE 1 END
            * coalesce(rate_up, 1) AS top,
        CASE basis WHEN 'term' THEN down WHEN 'interval' THEN interval_months
            WHEN 'arr' THEN 12 WHEN 'mrr' THEN 1 END * coalesce(rate_down, 1)::BIGINT AS bottom
    FROM due LEFT JOIN cuts USING (id) LEFT JOIN spans USING (start_on, end_on)
        LEFT JOIN rates USING (currency)
)
SELECT id, customer_id, start_on, until_on,
    CASE WHEN no_split THEN 0 ELSE whole_of(top, bottom) END AS whole,
    CASE WHEN no_split THEN 0 ELSE part_of(top, bottom) END AS part,
    CASE WHEN no_split THEN 2 WHEN missing_rate THEN 1 ELSE 0 END::TINYINT AS unknown
FROM timed
WHERE (until_on IS NULL OR until_on > start_on)
    AND (no_split OR (bottom IS NOT NULL AND (top <> 0 OR is_dated)))"""

FALLING_DUE: Final = """
SELECT DISTINCT customer_id FROM due
WHERE kind IN {committed} AND due_end_on BETWEEN $1 AND $2"""

_UNTIL: Final = {
    ChurnRecognition.SERVICE_END: (
        "CASE WHEN cut_on < coalesce(due_end_on, DATE '9999-12-31') "
        "THEN greatest(cut_on, start_on) ELSE due_end_on END"
    ),
    ChurnRecognition.ON_NOTICE: "notice.signed_on",
    ChurnRecognition.ON_CANCEL: "least(notice.recorded_on, cut_on)",
}


def offer_lines(session: Session, lines: pa.Table) -> None:
    """Let the session read a LINES table as `lines`, with amounts also in whole `millionths`
    (multiplying and casting decimals takes a tenth of the road)."""
    session.offer("lines", lines.append_column("millionths", millionths(lines["amount"])))


def make_due(session: Session, *, definitions: Definitions, known_before: datetime | None) -> None:
    """Make `due` (each line in service and when it falls due) from the session's `lines`."""
    know(session, "lines", "order_id, line", known_before)
    included = definitions.usage_revenue is UsageRevenue.INCLUDE
    kinds = COMMITTED.replace(")", ", 'usage')") if included else COMMITTED
    session.run(SERVICES.format(kinds=kinds))
    session.run(NOTICES)
    session.run(DUE)


def due_customers(session: Session, from_on: date, to_on: date) -> set[int]:
    """Whose committed lines fall due in [from_on, to_on], from `due`."""
    rows = session.rows(
        FALLING_DUE.format(committed=COMMITTED), [from_on + ONE_DAY, to_on + ONE_DAY]
    )
    return {row[0] for row in rows}


def make_terms(session: Session, *, definitions: Definitions, rates: Rates) -> None:
    """Make `terms` from `due`: what each line is worth and until when, a discount spread."""
    session.run(SPANS.format(dated=DATED))
    session.run(CUTS.format(committed=COMMITTED))
    known = _rates(rates, definitions.currency)
    session.offer("rates", known)
    wide = _wide(session, known)
    for macro in PIECES:
        session.run(macro.format(wide=wide))
    session.run(
        TERMS.format(
            wide=wide,
            until=_until(definitions.churn_recognition),
            currency=literal(definitions.currency),
            dated=DATED if definitions.discounts is Discounts.DATED else "false",
        )
    )


def _wide(session: Session, rates: pa.Table) -> str:
    """SQL: the type in which no amount of these terms overflows on the way."""
    ((millionths, up, down, interval_months),) = session.rows(SIZES)
    rate_up, rate_down = (
        max(rates[name].to_pylist(), default=1) for name in ("rate_up", "rate_down")
    )
    top = int(millionths) * max(up, 1) * abs(rate_up)
    bottom = max(down, interval_months, 12) * rate_down
    return "BIGINT" if max(top, bottom * PARTS) < 2**62 else "HUGEINT"


def know(session: Session, name: str, key: str, before: datetime | None) -> None:
    """Make `{name}_current`: the newest version of each row among those known by then."""
    known = "true" if before is None else f"recorded_at < TIMESTAMPTZ '{before.isoformat()}'"
    marks = np.sort(session.arrays(MARKS.format(name=name, key=key, known=known))["mark"])
    again = np.unique(marks[1:][marks[1:] == marks[:-1]])
    session.offer(f"{name}_twice", pa.table({"mark": again}))
    view = NEWEST if len(again) else ONCE
    session.run(view.format(name=name, key=key, known=known))


def _until(recognition: ChurnRecognition) -> str:
    """SQL: the first day on which a term no longer counts (service.counted_until)."""
    service_end = _UNTIL[ChurnRecognition.SERVICE_END]
    if recognition is ChurnRecognition.SERVICE_END:
        return service_end
    unhurried = "cut_on IS NULL OR cut_on >= due_end_on OR start_on = due_end_on"
    cancelled = f"notice IS NOT NULL AND ({unhurried})"
    told = f"greatest(start_on, least({_UNTIL[recognition]}, end_on))"
    return f"CASE WHEN {cancelled} THEN {told} ELSE {service_end} END"


def _rates(rates: Rates, home: str) -> pa.Table:
    """Plan rates as whole numbers; a rate of zero is none, our own currency needs none."""
    known = {currency: rate for currency, rate in rates.plan.items() if rate and currency != home}
    if any(max(abs(rate.numerator), rate.denominator) >= LARGEST for rate in known.values()):
        raise NeedsExactRoad("rate_digits")
    return pa.table(
        {
            "currency": pa.array(list(known), pa.string()),
            "rate_up": pa.array([rate.numerator for rate in known.values()], pa.int64()),
            "rate_down": pa.array([rate.denominator for rate in known.values()], pa.int64()),
        }
    )
