"""What of each term counts when, under the definitions: dated discounts, pauses, units.

terms → terms (with discounts by date) → terms (with the name of their unit) → rests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

import pyarrow as pa

from perennial.events.store import Session
from perennial.revenue.engine.amounts import PARTS, TOLERANCE
from perennial.revenue.engine.terms import DATED, know
from perennial.revenue.rules.arrears import Arrears, spans
from perennial.revenue.rules.definitions import Definitions, Discounts, Level, PausePolicy
from perennial.revenue.rules.service import Span

# What a discount comes to a month over the whole term (`back`); `less`: without what it takes
# while it lasts.
DISCOUNTED: Final = f"""
CREATE TEMP TABLE discounted AS
SELECT id, discount_end_on,
    whole_of(off_millionths * (life.up * times), life.down * parts)
        - whole_of(off_millionths * (start.up * times), start.down * parts) AS less_whole,
    part_of(off_millionths * (life.up * times), life.down * parts)
        - part_of(off_millionths * (start.up * times), start.down * parts) AS less_part,
    whole_of(off_millionths * (life.up * times), life.down * parts) AS back_whole,
    part_of(off_millionths * (life.up * times), life.down * parts) AS back_part
FROM (
    SELECT rowid AS id, start_on, end_on, discount_end_on,
        (discount * 1000000)::HUGEINT AS off_millionths,
        coalesce(rate_up, 1)::BIGINT AS times, coalesce(rate_down, 1)::BIGINT AS parts
    FROM services LEFT JOIN rates USING (currency) WHERE {DATED}
) AS dated
JOIN spans AS life ON life.start_on = dated.start_on AND life.end_on = dated.end_on
JOIN spans AS start ON start.start_on = dated.start_on AND start.end_on = discount_end_on"""  # noqa: S608
PARTED: Final = """
CREATE TEMP TABLE parted AS
FROM (
    SELECT * FROM terms ANTI JOIN discounted USING (id)
    UNION ALL
    SELECT terms.* REPLACE (
        least(until_on, discount_end_on) AS until_on,
        whole + less_whole AS whole, part + less_part AS part)
    FROM terms JOIN discounted USING (id)
    UNION ALL
    SELECT terms.* REPLACE (
        discount_end_on AS start_on, whole + back_whole AS whole, part + back_part AS part)
    FROM terms JOIN discounted USING (id)
    WHERE until_on IS NULL OR discount_end_on < until_on
) WHERE abs(whole::HUGEINT * {parts} + part) > {tolerance} OR unknown = 2"""

# A term without product has the first one on the way along the orders that are named.
PRODUCTS: Final = """
CREATE TEMP TABLE named AS
WITH RECURSIVE orders AS (
    SELECT customer_id, order_id,
        arg_max(renews[1], {{'on': start_on, 'line': line}}) FILTER (len(renews) > 0) AS follows,
        arg_min(product, {{'on': start_on, 'line': line}}) FILTER (product <> '') AS product
    FROM lines_current WHERE NOT void AND kind <> 'cancellation' GROUP BY customer_id, order_id
), way AS (
    SELECT customer_id, order_id, product, follows, 0 AS far FROM orders
    UNION ALL
    SELECT way.customer_id, way.order_id, orders.product, orders.follows, far + 1
    FROM way JOIN orders
        ON orders.customer_id = way.customer_id AND orders.order_id = way.follows
    WHERE way.product IS NULL AND far < {most}
)
SELECT customer_id, order_id, coalesce(any_value(product), '') AS name
FROM way GROUP BY customer_id, order_id"""

# A subscription is named by the first order of its chain.
ROOTS: Final = """
CREATE TEMP TABLE named AS
WITH RECURSIVE orders AS (
    SELECT customer_id, order_id, arg_max(renews[1], {{'on': start_on, 'line': line}})
        FILTER (len(renews) > 0 AND kind IN ('renewal', 'downsell')) AS follows
    FROM lines_current WHERE NOT void AND kind <> 'cancellation' GROUP BY customer_id, order_id
), way AS (
    SELECT customer_id, order_id, coalesce(follows, order_id) AS root, 0 AS far FROM orders
    UNION ALL
    SELECT way.customer_id, way.order_id, orders.follows, far + 1
    FROM way JOIN orders ON orders.customer_id = way.customer_id AND orders.order_id = way.root
    WHERE orders.follows IS NOT NULL AND orders.order_id <> way.order_id AND far < {most}
)
SELECT customer_id, order_id, arg_max(root, far) AS name FROM way GROUP BY customer_id, order_id"""
LONGEST: Final = 1000  # orders in a chain; a loop, which a ledger refuses, ends here

NAMED: Final = """
CREATE TEMP TABLE parted AS
SELECT terms.*, {name} AS name
FROM terms JOIN (SELECT rowid AS id, order_id, product FROM services) USING (id)
    LEFT JOIN named USING (customer_id, order_id)"""

# Pauses inside each term, overlaps merged (service.rests).
RESTS: Final = """
CREATE TEMP TABLE rests AS
WITH hit AS (
    SELECT {unit}, id, terms.start_on, whole, part,
        greatest(pause.start_on, terms.start_on) AS begins_on,
        least(coalesce(pause.end_on, DATE '9999-12-31'),
            coalesce(until_on, DATE '9999-12-31')) AS ends_on
    FROM terms JOIN pauses_current AS pause USING (customer_id)
        JOIN (SELECT rowid AS id, order_id, kind, renews FROM services) AS service USING (id)
    WHERE unknown = 0 AND (pause.order_id = '' OR pause.order_id = service.order_id
        OR (kind = 'downsell' AND list_contains(renews, pause.order_id)))
), merged AS (
    SELECT *, greatest(begins_on, max(ends_on) OVER (
        PARTITION BY id, start_on ORDER BY begins_on, ends_on
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS first_on
    FROM hit WHERE begins_on < ends_on
)
SELECT {unit}, whole, part, first_on, nullif(ends_on, DATE '9999-12-31') AS until_on
FROM merged WHERE first_on < ends_on"""


# Nothing counts while a customer is in arrears: its terms are cut to the days between.
CLEAR: Final = """
CREATE TEMP TABLE parted AS
SELECT * FROM terms WHERE customer_id NOT IN (SELECT customer_id FROM clear)
UNION ALL
SELECT terms.* REPLACE (
    greatest(start_on, first_on) AS start_on, least(until_on, last_on) AS until_on)
FROM terms JOIN clear USING (customer_id)
WHERE greatest(start_on, first_on) < coalesce(least(until_on, last_on), DATE '9999-12-31')"""


def unit_columns(level: Level) -> str:
    """SQL: the columns that name a unit of the level."""
    return "customer_id" if level is Level.CUSTOMER else "customer_id, name"


def make_portions(
    session: Session,
    *,
    definitions: Definitions,
    known_before: datetime | None,
    arrears: Iterable[Arrears] = (),
) -> None:
    """Bring `terms` under the definitions, and make `rests`, their pauses."""
    if definitions.discounts is Discounts.DATED:
        session.run(DISCOUNTED)
        _replace_terms(session, PARTED.format(tolerance=TOLERANCE, parts=PARTS))
    if definitions.level is Level.PRODUCT:
        session.run(PRODUCTS.format(most=LONGEST))
        _replace_terms(session, NAMED.format(name="coalesce(nullif(product, ''), named.name)"))
    elif definitions.level is Level.ORDER:
        session.run(ROOTS.format(most=LONGEST))
        _replace_terms(session, NAMED.format(name="named.name"))
    if late := spans(arrears):
        session.offer("clear", _clear(late))
        _replace_terms(session, CLEAR)
    know(session, "pauses", "customer_id, order_id, start_on", known_before)
    rests = RESTS.format(unit=unit_columns(definitions.level))
    session.run(rests if definitions.pause_policy is PausePolicy.ZERO else f"{rests} LIMIT 0")


def _replace_terms(session: Session, statement: str) -> None:
    session.run(statement)
    session.run("DROP TABLE terms")
    session.run("ALTER TABLE parted RENAME TO terms")


def _clear(late: Mapping[int, Sequence[Span]]) -> pa.Table:
    """The spans [first_on, last_on) in which those who ever were in arrears are not."""
    found: list[tuple[int, date | None, date | None]] = []
    for customer_id, theirs in late.items():
        since: date | None = None
        for start_on, end_on in sorted(theirs, key=lambda span: span[0]):
            if since is None or start_on > since:
                found.append((customer_id, since, start_on))
            if end_on is None:
                break
            since = end_on if since is None else max(since, end_on)
        else:
            found.append((customer_id, since, None))
    names = ("customer_id", "first_on", "last_on")
    types = (pa.int64(), pa.date32(), pa.date32())
    columns = zip(*found, strict=True)
    return pa.table(
        {
            name: pa.array(it, type=kind)
            for name, it, kind in zip(names, columns, types, strict=True)
        }
    )
