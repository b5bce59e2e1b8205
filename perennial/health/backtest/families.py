"""Children of the customers that are looked at: a profile may score a parent by them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from perennial.customers.models import Customer
from perennial.health.inputs.cases import Cases


def with_children(cases: Cases) -> Cases:
    """The same cases, followed by those of everybody below them on the same days."""
    below = _below()
    if not below:
        return cases
    days = cases.as_of.astype("int64").tolist()
    held = set(zip(cases.customer.tolist(), days, strict=True))
    added: dict[tuple[int, int], str] = {}
    for pk, day in sorted(held):
        for child, external_id in below.get(pk, ()):
            if (child, day) not in held:
                added[child, day] = external_id
    return Cases(
        np.concatenate([cases.customer, np.array([pk for pk, _day in added], "int64")]),
        [*cases.external_id, *added.values()],
        np.concatenate([cases.as_of, np.array([day for _pk, day in added], "datetime64[D]")]),
        cases.known,
    )


def _below() -> dict[int, list[tuple[int, str]]]:
    """By customer, everybody under it, also of several levels (pk, external id)."""
    rows = Customer.objects.filter(parent__isnull=False, merged_into__isnull=True)
    children: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pk, external_id, parent in rows.values_list("pk", "external_id", "parent_id"):
        children[parent or 0].append((pk, external_id))
    found: dict[int, list[tuple[int, str]]] = {}
    for top in children:
        open_, seen = [top], {top}
        while open_:
            for child in children.get(open_.pop(), ()):
                if child[0] not in seen:  # a circle ends here
                    seen.add(child[0])
                    open_.append(child[0])
                    found.setdefault(top, []).append(child)
    return found
