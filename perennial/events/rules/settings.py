"""The small settings of event intake, with what holds when nobody has set them.

A client's clock is corrected when it is off by more than a tolerance and by less than a cap:
below, the difference is the network's; above, the sending time itself is not to be believed (an
archive sent again). A moment further in the future than its own tolerance becomes the server's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

# Crawlers and monitors say who they are. Headless browsers are not among them: people's tests
# and printing services use them.
BOT_AGENTS = (
    r"(?i)((^|[^u]|[^c]u)bot|crawler|spider|slurp|scraper|archiver)\b"  # Cubot makes telephones
    r"|facebookexternalhit|mediapartners|bingpreview|pingdom|statuscake|lighthouse"
)
BOT_PEOPLE = r"(?i)^bot[_-]|\[bot\]$"

# What Python reads and RE2 does not: looking around, back references, possessive repetition.
_PYTHON_ONLY = re.compile(r"\(\?[=!<>(]|\(\?P[=>]|\\[1-9]|[+*?}]\+|\{\d{4}")


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """Stored as one fact, `intake`; patterns are regular expressions of RE2, which Python and
    the engine read alike."""

    clock_tolerance_seconds: int = 30
    clock_cap_seconds: int = 24 * 3600
    future_tolerance_seconds: int = 300
    fingerprint_days: int = 90  # copies with another timestamp are found for so long
    retention_days: int | None = None  # events are kept for ever unless set
    reject_days: int = 90
    bulk_bytes: int = 512 * 1024 * 1024  # of a file posted to /v1/import
    bot_agents: str = BOT_AGENTS
    bot_people: str = BOT_PEOPLE

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Self:
        """What is stored over the defaults; names of other versions are left out.

        Raises InputRefused when a value cannot be one of its kind.
        """
        known = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        for name, value in known.items():
            if not _fits(name, value):
                raise InputRefused(
                    sentence("“{value}” cannot be the setting {name}."),
                    code="bad_setting",
                    params={"name": name, "value": str(value)},
                )
        return cls(**known)  # type: ignore[arg-type]

    def stored(self) -> dict[str, object]:
        return asdict(self)


def _fits(name: str, value: object) -> bool:
    if name in ("bot_agents", "bot_people"):
        return isinstance(value, str) and _is_pattern(value)
    if value is None:
        return name == "retention_days"
    return type(value) is int and 0 <= value <= 10**9


def _is_pattern(text: str) -> bool:
    if _PYTHON_ONLY.search(text):
        return False
    try:
        re.compile(text)
    except re.error:
        return False
    return bool(text)
