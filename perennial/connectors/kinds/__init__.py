"""The kinds of files that can be imported, with their columns. ★ is `required`."""

from perennial.connectors.kinds.contracts import INVOICES, ORDERS, PAUSES
from perennial.connectors.kinds.customers import CUSTOMERS, OUTCOMES, PEOPLE, TOUCHES
from perennial.connectors.kinds.facts import DAILY, EVENTS, SURVEYS, TICKETS
from perennial.connectors.kinds.kind import Kind
from perennial.units.errors import InputRefused

KINDS = (
    CUSTOMERS,
    PEOPLE,
    ORDERS,
    PAUSES,
    EVENTS,
    DAILY,
    TICKETS,
    INVOICES,
    SURVEYS,
    TOUCHES,
    OUTCOMES,
)


def kind_named(name: str) -> Kind:
    """Raises InputRefused for a kind that does not exist."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise InputRefused(
        "There is no kind “{name}”. Choose one of {kinds}.",
        code="unknown_kind",
        params={"name": name, "kinds": ", ".join(kind.name for kind in KINDS)},
    )


__all__ = [
    "CUSTOMERS",
    "DAILY",
    "EVENTS",
    "INVOICES",
    "KINDS",
    "ORDERS",
    "OUTCOMES",
    "PAUSES",
    "PEOPLE",
    "SURVEYS",
    "TICKETS",
    "TOUCHES",
    "Kind",
    "kind_named",
]
