"""The ledger of the home, company-wide, with its definitions, rates and exclusions."""

from __future__ import annotations

from datetime import date

from perennial.config import database, output
from perennial.config.commands.revenue.asked import Asked, definitions_asked
from perennial.config.commands.revenue.files import rates_of
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.ledger import Ledger, without_rate
from perennial.contracts.queries import ledgers
from perennial.customers.models import Customer
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.queries.exclusions import exclusions_at
from perennial.revenue.queries.facts import arrears_at


def ledger(asked: Asked, known_on: date) -> Ledger:
    """As known by the end of `known_on`; a file of rates stands in for the home's."""
    database.ready()
    with output.progress(heading("orders")):
        found = list(ledgers().values())
    definitions = definitions_asked(definitions_at(known_on), asked)
    rates = rates_of(asked) if asked.fx else rates_at(known_on)
    lines = [line for it in found for line in it.lines]
    return Ledger(
        lines=lines,
        pauses=[pause for it in found for pause in it.pauses],
        arrears=arrears_at(definitions, known_on=known_on),
        names=dict(Customer.objects.values_list("pk", "external_id")),
        definitions=definitions,
        rates=rates,
        exclusions=exclusions_at(known_on),
        known_on=known_on,
        files={"fx": asked.fx.name} if asked.fx else {},
        findings=list(without_rate(lines, definitions=definitions, rates=rates, known_on=known_on)),
    )
