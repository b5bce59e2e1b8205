"""The ledger of the home, company-wide, with its definitions, rates and exclusions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db import connection

from perennial.config import database, home, output
from perennial.config.commands.revenue.asked import Asked, definitions_asked
from perennial.config.commands.revenue.files import rates_of
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.ledger import Ledger, without_rate
from perennial.contracts.queries import ledgers
from perennial.customers.models import Customer
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.queries.exclusions import exclusions_at
from perennial.revenue.queries.facts import arrears_at
from perennial.units.errors import InputRefused


def ledger(asked: Asked, known_on: date) -> Ledger:
    """As known by the end of `known_on`; a file of rates stands in for the home's."""
    _check_there_is_one()
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


def _check_there_is_one() -> None:
    """Reading makes no home: whoever forgot `--orders` is told so instead."""
    name = str(connection.settings_dict["NAME"])
    in_file = connection.vendor == "sqlite" and "memory" not in name
    if in_file and not Path(name).exists():
        raise InputRefused(
            "There is no ledger in {home}. Name a file of orders: --orders FILE.",
            code="no_ledger",
            params={"home": str(home.folder())},
        )
