"""What the reports are computed from: plain files, or the ledger of the home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.config import output
from perennial.config.commands.revenue.asked import Asked
from perennial.contracts.rules import RECURRING, Kind, Line, Pause
from perennial.revenue.rules.definitions import Definitions, UsageRevenue
from perennial.units.errors import InputRefused, RowError
from perennial.units.moment import business_day, day_end
from perennial.units.sentence import sentence

if TYPE_CHECKING:
    from perennial.revenue.rules.arrears import Arrears
    from perennial.revenue.rules.exclusions import Exclusion
    from perennial.revenue.rules.rates import Rates

NO_RATE = sentence("Order {order} is in {currency}, which has no rate: add it with --fx.")
ONLY_DATED = sentence(
    "Order {order} is in {currency}, which has rates only from certain days on. Add one without a "
    "day (the plan rate), or use --set fx=spot."
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was recorded by the end of `known_on`. `names`: external id by customer_id.
    `findings`: rows that were left out or cannot be trusted."""

    lines: Sequence[Line]
    pauses: Sequence[Pause]
    arrears: Sequence[Arrears]
    names: Mapping[int, str]
    definitions: Definitions
    rates: Rates
    exclusions: Sequence[Exclusion]
    known_on: date
    files: Mapping[str, str]
    findings: Sequence[RowError] = ()


def read(asked: Asked) -> Ledger:
    """The ledger of the files that were named, else of the home."""
    known_on = asked.known.last_on if asked.known else today()
    if asked.orders:
        from perennial.config.commands.revenue.files import ledger
    else:
        from perennial.config.commands.revenue.home import ledger
    try:
        return ledger(asked, known_on)
    except InputRefused as refused:
        if refused.errors and not asked.skip_bad_rows:
            output.notice(_("Nothing was computed. --skip-bad-rows leaves wrong rows out."))
        raise


def today() -> date:
    return business_day(datetime.now(UTC), settings.PERENNIAL_TIME_ZONE)


def known_before(known_on: date) -> datetime:
    """First moment of what is not known yet."""
    return day_end(known_on, settings.PERENNIAL_TIME_ZONE)


def without_rate(
    lines: Sequence[Line],
    *,
    definitions: Definitions,
    rates: Rates,
    known_on: date,
    rows: Sequence[int] | None = None,
    file: str = "",
) -> Iterator[RowError]:
    """The lines that count but have no rate into the reporting currency. `rows` of a file."""
    counted = counting(definitions)
    before = known_before(known_on)
    for rank, line in enumerate(lines):
        if line.currency == definitions.currency or line.void or not line.amount:
            continue
        if (
            line.kind in counted
            and line.recorded_at < before
            and not rates.on(line.currency, line.start_on, definitions=definitions)
        ):
            yield RowError(
                "missing_rate",
                ONLY_DATED if line.currency in rates.spot else NO_RATE,
                rows[rank] if rows else None,
                "currency",
                file,
                {"order": line.order_id, "currency": line.currency},
            )


def counting(definitions: Definitions) -> Collection[Kind]:
    """The kinds of order that make recurring revenue."""
    if definitions.usage_revenue is UsageRevenue.INCLUDE:
        return RECURRING | {Kind.USAGE}
    return RECURRING


def say_taken(path: Path, columns: Mapping[str, str]) -> None:
    """Which of their columns were read as ours because of their names."""
    if columns:
        pairs = " ".join(f"{ours}={theirs}" for theirs, ours in columns.items())
        output.notice(_("{file}: read as --map {pairs}.").format(file=path.name, pairs=pairs))


def say_last_days(path: Path, lines: Sequence[Line]) -> None:
    """Renewals that begin the day after what they renew has ended: its end may be a last day."""
    ends = {line.order_id: line.end_on for line in lines}
    renewals = [line for line in lines if line.kind is Kind.RENEWAL]
    named = [(ends.get(order), line.start_on) for line in renewals for order in line.renews]
    gaps = Counter((start_on - end_on).days for end_on, start_on in named if end_on)
    if gaps[1] > gaps[0]:
        output.notice(
            ngettext(
                "{file}: {count} renewal begins the day after the end of what it renews. If that "
                "end is the last day of service, name its column so: --map last_on=….",
                "{file}: {count} renewals begin the day after the end of what they renew. If that "
                "end is the last day of service, name its column so: --map last_on=….",
                gaps[1],
            ).format(file=path.name, count=gaps[1])
        )


def say_ignored(path: Path, columns: Sequence[str]) -> None:
    if columns:
        text = _("{file}: these columns are not used: {columns}.")
        output.notice(text.format(file=path.name, columns=", ".join(columns)))
