"""Drop alerts over many days in a row, in memory: the life that the day gives them in tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from perennial.alerts.rules.drops import Finding, Judged
from perennial.alerts.rules.lives import LIVES
from perennial.alerts.rules.recovery import CALM_DAYS, is_back, is_settled, rests
from perennial.alerts.rules.weeks import WEEK, Flags, Ints

COOL_DOWN_DAYS: Final = LIVES["usage_drop"].cool_down_days


@dataclass(slots=True)
class Lived:
    """One alert: what raised it on day `raised`, and the day that it was over on."""

    finding: Finding
    raised: int
    calm_days: int = 0
    resolved: int | None = None
    by_itself: bool = False  # recovered, or settled at a new level

    @property
    def usual_week(self) -> float:
        return round(self.finding.expected / self.finding.days * WEEK, 2)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is what at the end of a day, per row: `judged` is the row's place among those that
    were judged, or −1; `over`: its service ended or rests, or it is silent."""

    judged: Ints
    over: Flags
    feed_silent: bool


@dataclass(slots=True)
class Lives:
    """Steps through the days; `alerts` in the order in which they were raised."""

    alerts: list[Lived] = field(default_factory=list)
    open: dict[int | None, Lived] = field(default_factory=dict)
    newest: dict[int | None, Lived] = field(default_factory=dict)

    def step(self, day: int, found: Judged, standing: Standing) -> Collection[int]:
        """Bring the alerts to the end of `day` (days are whole numbers; rows of `found` are
        those of `standing`). Gives the customers whose past before their alert is forgotten:
        settled at a new level, or silent."""
        fired = {it.row: it for it in found.findings}
        settled = []
        for row, alert in list(self.open.items()):
            if row is not None and standing.over[row]:
                self._close(row, day)
                settled.append(row)
            elif row in fired:
                alert.calm_days = 0
            elif not standing.feed_silent and self._ends(row, alert, day, found, standing):
                self._close(row, day, by_itself=True)
                if row is not None and alert.calm_days < CALM_DAYS:
                    settled.append(row)
        for row, finding in fired.items():
            if row is not None and standing.over[row]:
                continue
            if row not in self.open and not self._keeps_still(row, day):
                alert = Lived(finding, day)
                self.alerts.append(alert)
                self.open[row] = self.newest[row] = alert
        return settled

    def _ends(
        self, row: int | None, alert: Lived, day: int, found: Judged, standing: Standing
    ) -> bool:
        """An alert that was not found today: back for days, or the new level is the usual."""
        if row is None:
            return True
        place = int(standing.judged[row])
        everyone = any(it.row is None for it in found.findings)
        if place >= 0 and not everyone:
            week, month = float(found.week[place]), float(found.month[place])
            if is_back(week=week, month=month, usual_week=alert.usual_week):
                alert.calm_days += 1
                return alert.calm_days >= CALM_DAYS
        alert.calm_days = 0
        return is_settled(day - alert.raised)

    def _close(self, row: int | None, day: int, *, by_itself: bool = False) -> None:
        alert = self.open.pop(row)
        alert.resolved, alert.by_itself = day, by_itself

    def _keeps_still(self, row: int | None, day: int) -> bool:
        last = self.newest.get(row)
        if last is None:
            return False
        cools = last.by_itself and last.resolved is not None
        cools = cools and day - (last.resolved or 0) < COOL_DOWN_DAYS
        return cools or rests(day - last.raised)
