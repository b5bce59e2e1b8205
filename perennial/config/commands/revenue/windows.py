"""Which days a report is of, when people leave `--from` or `--to` out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from perennial.config.commands.revenue.asked import Asked
from perennial.config.commands.revenue.ledger import Ledger, counting, known_before, today
from perennial.contracts.rules import Kind, Line
from perennial.units.errors import InputRefused
from perennial.units.period import ONE_DAY, Grain, add_months, period_of


@dataclass(frozen=True, slots=True)
class Window:
    """Both days are inside."""

    from_on: date
    to_on: date

    @property
    def eve_on(self) -> date:
        return self.from_on - ONE_DAY


def whole(asked: Asked, ledger: Ledger) -> Window:
    """What was asked for, else from the first order to the last complete period.

    Raises InputRefused when nothing was asked for and there is nothing to go by.
    """
    if asked.first and asked.last:
        return Window(asked.first.first_on, asked.last.last_on)
    counted = _counted(ledger)
    if not counted:
        raise InputRefused(
            "No order counts that was recorded by {day}. Say which days with --from and --to.",
            code="empty_ledger",
            params={"day": ledger.known_on.isoformat()},
        )
    grain = Grain(asked.grain)
    begun = period_of(min(line.start_on for line in counted), grain).first_on
    from_on = asked.first.first_on if asked.first else begun
    if asked.last:
        return Window(min(from_on, asked.last.last_on), asked.last.last_on)
    return Window(from_on, max(_last(asked, counted, ledger), period_of(from_on, grain).last_on))


def year(asked: Asked, ledger: Ledger) -> Window:
    """What was asked for, else the twelve months up to the last complete one."""
    found = whole(asked, ledger)
    if asked.first:
        return found
    return Window(add_months(found.to_on + ONE_DAY, -12), found.to_on)


def _last(asked: Asked, counted: Sequence[Line], ledger: Ledger) -> date:
    """The end of the last complete period; of the last one in which anything was live, when
    nothing is any more."""
    grain = Grain(asked.grain)
    over_on = asked.known.last_on + ONE_DAY if asked.known else today()
    complete = period_of(over_on, grain).first_on - ONE_DAY
    ended = {
        order_id: line.start_on
        for line in _known(ledger)
        if line.kind in (Kind.CANCELLATION, Kind.RENEWAL)
        for order_id in line.renews
    }
    ends = [line.end_on or ended.get(line.order_id) for line in counted]
    last = max((end for end in ends if end is not None), default=None)
    if last is None or None in ends:
        return complete
    return min(complete, period_of(last, grain).last_on)


def _counted(ledger: Ledger) -> list[Line]:
    kinds = counting(ledger.definitions)
    return [line for line in _known(ledger) if line.kind in kinds]


def _known(ledger: Ledger) -> Iterator[Line]:
    before = known_before(ledger.known_on)
    return (line for line in ledger.lines if not line.void and line.recorded_at < before)
