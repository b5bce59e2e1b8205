"""Which columns a list shows: what an address asks for, as far as there are such columns."""

from __future__ import annotations

NAME = "name"
MOST = 9  # besides the name: page nodes, not the server, set the speed
MONEY = frozenset({"arr", "at_risk"})
KEYS = (
    "score", "trend", "arr", "usage", "seats", "renewal", "nps", "touch", "owner",
    "tickets", "at_risk", "seen", "since", "alerts", "tags", "size",
)  # fmt: skip
DEFAULT = KEYS[:9]


def allowed(asked: str, *, money: bool) -> tuple[str, ...]:
    """The columns of a text like `score,arr`, the name first; the default ones for none."""
    wanted = [key for key in dict.fromkeys(asked.split(",")) if key in KEYS][:MOST]
    return (NAME, *(key for key in wanted or DEFAULT if money or key not in MONEY))
