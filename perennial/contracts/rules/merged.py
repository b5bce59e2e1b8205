"""Several records that are one company have one ledger, and its money counts once.

The lines and pauses of a merged customer become the survivor's. A pause of everything meant the
orders of the record that it was written for: it goes on resting those, and no others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from perennial.contracts.rules.line import Line, Pause


def under_survivors(
    lines: Iterable[Line], pauses: Iterable[Pause], under: Mapping[int, int]
) -> tuple[list[Line], list[Pause]]:
    """The rows with every merged customer (a key of `under`) replaced by its survivor."""
    joined = {*under, *under.values()}
    orders: dict[int, set[str]] = defaultdict(set)
    placed = []
    for line in lines:
        if line.customer_id in joined:
            orders[line.customer_id].add(line.order_id)
        into = under.get(line.customer_id)
        placed.append(line if into is None else replace(line, customer_id=into))
    resting = (
        rest
        for it in pauses
        for rest in (_of_its_orders(it, orders, under) if it.customer_id in joined else (it,))
    )
    return placed, list(resting)


def _of_its_orders(
    pause: Pause, orders: Mapping[int, set[str]], under: Mapping[int, int]
) -> Iterator[Pause]:
    named = [pause.order_id] if pause.order_id else sorted(orders.get(pause.customer_id, ()))
    for order_id in named:
        customer_id = under.get(pause.customer_id, pause.customer_id)
        yield replace(pause, customer_id=customer_id, order_id=order_id)
