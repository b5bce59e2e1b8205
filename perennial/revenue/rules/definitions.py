"""The definitions (口径) behind every revenue figure: one named setting per question on which
public tools disagree, each with our default. A figure prints the definitions it was made with.

Source: metric specification, section 0, A1–A6. A new setting is a field here, a line in
docs/formulas/definitions.md, and a test of both of its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final, get_args, get_type_hints

from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence


class ChurnRecognition(StrEnum):
    """The day on which a cancelled service stops to count."""

    SERVICE_END = "service_end"  # the first day without service
    ON_NOTICE = "on_notice"  # when the customer gave notice
    ON_CANCEL = "on_cancel"  # when the cancellation was recorded


class Level(StrEnum):
    """Whose MRR is compared: a customer that drops one of two products contracts (customer) or
    churns with that product (product)."""

    CUSTOMER = "customer"
    PRODUCT = "product"
    ORDER = "order"


class PausePolicy(StrEnum):
    """What a paused order earns."""

    ZERO = "zero"
    KEEP = "keep"


class FxPolicy(StrEnum):
    """At which rates foreign currency counts."""

    PLAN = "plan"  # one constant rate: never a movement
    SPOT = "spot"  # the day's rate: its changes are a line of their own


class Discounts(StrEnum):
    """How a time-limited discount counts."""

    SPREAD = "spread"  # over the whole term
    DATED = "dated"  # while it lasts: its end is expansion


class UsageRevenue(StrEnum):
    """Metered revenue beside or inside the committed one."""

    EXCLUDE = "exclude"
    INCLUDE = "include"


class RetentionBasis(StrEnum):
    """Which GRR and NRR stand in the headline."""

    ENDPOINT = "endpoint"  # the two ends of the period are compared
    MOVEMENTS = "movements"  # the days are added up (累计口径)


class ChurnBasis(StrEnum):
    """What lost customers are divided by."""

    START = "start"
    START_AND_NEW = "start_and_new"  # newcomers count, and count as lost when they left again
    START_ALL_GONE = "start_all_gone"  # ÷ the start, but newcomers that left again count as lost


class MergedBase(StrEnum):
    """What becomes of a merged customer's due amount in the adjusted renewal rates."""

    EXCLUDE = "exclude"
    MOVE = "move"  # to the surviving customer


@dataclass(frozen=True, slots=True)
class Definitions:
    """All named settings, with their defaults. `None` means 'never' or 'no limit'."""

    currency: str = "CNY"
    level: Level = Level.CUSTOMER
    churn_recognition: ChurnRecognition = ChurnRecognition.SERVICE_END
    reactivation_window_days: int | None = None  # back later than that: new
    nrr_reactivation: bool = False  # customers that came back count in NRR
    churn_basis: ChurnBasis = ChurnBasis.START
    retention_basis: RetentionBasis = RetentionBasis.ENDPOINT
    quick_ratio_reactivation: bool = True
    discounts: Discounts = Discounts.SPREAD
    pause_policy: PausePolicy = PausePolicy.ZERO
    delinquent_after_days: int | None = 30
    fx: FxPolicy = FxPolicy.PLAN
    usage_revenue: UsageRevenue = UsageRevenue.EXCLUDE
    grace_days: int = 30
    early_days: int = 30
    merged_base: MergedBase = MergedBase.EXCLUDE
    cac_lag_months: int = 0
    payback_subtracts_one_off: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Names and values as JSON prints them."""
        return asdict(self)


DEFAULT: Final = Definitions()
NAMES: Final = tuple(field.name for field in fields(Definitions))
_NOTHING = frozenset({"", "null", "none", "never"})
_TRUTH = {"true": True, "yes": True, "1": True, "on": True,
          "false": False, "no": False, "0": False, "off": False}  # fmt: skip


def with_values(base: Definitions, values: Mapping[str, str]) -> Definitions:
    """`base` with the settings written as text (`--set name=value`).

    Raises InputRefused for a name or value that does not exist, naming those that do.
    """
    hints = get_type_hints(Definitions)
    unknown = next((name for name in values if name not in hints), None)
    if unknown is not None:
        raise InputRefused(
            sentence("There is no setting “{name}”. The settings are: {names}."),
            code="unknown_setting",
            params={"name": unknown, "names": ", ".join(NAMES)},
        )
    return replace(base, **{name: _read(name, text, hints[name]) for name, text in values.items()})


def _read(name: str, text: str, kind: Any) -> Any:
    given = text.strip()
    if type(None) in get_args(kind):
        if given.lower() in _NOTHING:
            return None
        kind = next(one for one in get_args(kind) if one is not type(None))
    if kind is bool and given.lower() in _TRUTH:
        return _TRUTH[given.lower()]
    if kind is int and given.isascii() and given.isdigit() and len(given) < 6:
        return int(given)
    if kind is str and len(given) == 3 and given.isascii() and given.isalpha():
        return given.upper()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and given.lower() in set(kind):
        return kind(given.lower())
    raise InputRefused(
        sentence("“{value}” is not a value of {name}. Use {choices}."),
        code="bad_setting",
        params={"value": given, "name": name, "choices": _choices(kind)},
    )


def _choices(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " | ".join(kind)
    if kind is bool:
        return "true | false"
    return "0, 1, 2, …" if kind is int else "CNY, USD, …"
