"""A ledger of any size as an Arrow table: contracts of 1 to 36 months over ten years, renewed
(a tenth of them early) and raised, with add-ons that end with their contract, downsells and
cancellations. The same size gives the same ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.revenue.engine import LINES

Array = np.ndarray[Any, Any]
FIRST = np.datetime64("2015-01-01")
DAYS = 3652
MONTHS = 120
DAY = np.timedelta64(1, "D")


def ledger(customers: int) -> pa.Table:
    """About 3.8 lines per customer, with the columns of LINES."""
    parts = list(_contracts(customers))
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    count = len(rows["customer_id"])
    columns = {
        "customer_id": pa.array(rows["customer_id"]),
        "order_id": pa.array(rows["order_id"], pa.string()),
        "kind": pa.array(rows["kind"], pa.string()),
        "start_on": pa.array(rows["start_on"]),
        "end_on": pa.array(rows["end_on"]),
        "signed_on": pa.array(rows["start_on"] - 7 * DAY),
        "recorded_at": pa.array((rows["start_on"] - 7 * DAY).astype("datetime64[us]")).cast(
            LINES.field("recorded_at").type
        ),
        "amount": pa.array(rows["amount"], mask=rows["amount"] == 0).cast(pa.decimal128(25, 6)),
        "renews": pa.array([[name] if name else [] for name in rows["renews"]]),
        "line": pa.repeat("1", count),
        "currency": pa.repeat("CNY", count),
        "product": pa.repeat("", count),
        "void": pa.repeat(pa.scalar(False), count),
        "interval_months": pa.repeat(pa.scalar(1, pa.int32()), count),
        "basis": pa.array(np.where(rows["amount"] == 0, "none", "term").astype(object)),
    }
    nothing = {field.name: pa.nulls(count, field.type) for field in LINES}
    return pa.table(nothing | columns).cast(LINES)


def _contracts(customers: int) -> Iterator[dict[str, Array]]:
    """Cycle by cycle: everybody's contract, what stands beside it, and who goes on."""
    random = np.random.default_rng(7)
    who = np.arange(1, customers + 1)
    start = FIRST + random.integers(0, DAYS, customers) * DAY
    monthly = np.exp(random.normal(7, 1, customers))
    named = np.full(customers, "", dtype=object)
    kind, last = "new", FIRST + DAYS * DAY
    for cycle in range(200):
        if not len(who):
            return
        size = len(who)
        months = random.choice([12, 12, 12, 12, 24, 36, 6, 1], size)
        end = _later(start, months)
        ids = np.array([f"C{cycle}-{it}" for it in who], dtype=object)
        yield _rows(who, ids, kind, start, end, monthly * months, named)
        inside = start + ((end - start).astype(int) * random.random(size) * 0.9).astype(int) * DAY
        for share, beside, part in ((0.22, "addon", 0.2), (0.03, "downsell", -0.1)):
            some = random.random(size) < share
            again = ids[some] if beside == "downsell" else np.full(some.sum(), "", dtype=object)
            names = np.array([f"{beside[0].upper()}{it}" for it in ids[some]], dtype=object)
            worth = monthly[some] * part * (end - inside)[some].astype(int) / 30
            yield _rows(who[some], names, beside, inside[some], end[some], worth, again)
        gone = random.random(size) < 0.04
        names = np.array([f"X{it}" for it in ids[gone]], dtype=object)
        never = np.full(gone.sum(), np.datetime64("NaT"), dtype="datetime64[D]")
        yield _rows(
            who[gone],
            names,
            "cancellation",
            inside[gone],
            never,
            0 * inside[gone].astype(int),
            ids[gone],
        )
        stays = (random.random(size) < 0.82) & ~gone & (end < last)
        shift = random.choice([0, 0, 0, 0, 0, 0, 0, 0, -20, 15], size) * DAY
        begins = np.maximum(end + shift, start + DAY)
        raised = np.where(
            random.random(size) < 0.4, monthly * random.normal(1.08, 0.1, size), monthly
        )
        who, start, monthly, named = (
            who[stays],
            begins[stays],
            np.maximum(raised, 1)[stays],
            ids[stays],
        )
        kind = "renewal"


def _rows(
    who: Array, ids: Array, kind: str, start: Array, end: Array, worth: Array, renews: Array
) -> dict[str, Array]:
    return {
        "customer_id": who,
        "order_id": ids,
        "kind": np.full(len(who), kind, dtype=object),
        "start_on": start,
        "end_on": end,
        "amount": np.round(worth).astype(np.int64),
        "renews": renews,
    }


def _later(days: Array, months: Array) -> Array:
    """The same days some months later, at the latest the last of their month."""
    month = days.astype("datetime64[M]")
    into = (days - month.astype("datetime64[D]")).astype(int)
    target = month + months
    longest = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(
        int
    ) - 1
    found: Array = target.astype("datetime64[D]") + np.minimum(into, longest) * DAY
    return found


def one_customer(lines: int) -> pa.Table:
    """The first customer with at least so many lines, cut to them."""
    everybody = ledger(20_000)
    counts = everybody.group_by("customer_id").aggregate([("order_id", "count")])
    rows = zip(*(counts[name].to_pylist() for name in counts.column_names), strict=True)
    chosen = min(customer for customer, count in rows if count >= lines)
    return everybody.filter(pc.equal(everybody["customer_id"], chosen)).slice(0, lines)
