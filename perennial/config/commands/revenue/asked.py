"""The options that the reports share, and what was asked with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from django.utils.translation import gettext as _

from perennial.config.periods import PERIOD
from perennial.units.errors import ExitCode, InputRefused
from perennial.units.period import Grain, Period

if TYPE_CHECKING:
    from perennial.revenue.rules.definitions import Definitions

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """The shared options as given; what was not given is None or empty."""

    orders: Path | None
    pauses: Path | None
    invoices: Path | None
    fx: Path | None
    exclusions: Path | None
    pairs: tuple[str, ...]
    date_format: str | None
    skip_bad_rows: bool
    first: Period | None
    last: Period | None
    grain: str
    report: str
    known: Period | None
    grace_days: int | None
    settings: tuple[str, ...]
    exact: bool
    as_csv: bool


SHARED = tuple(field.name for field in fields(Asked))


def taken(given: dict[str, Any]) -> Asked:
    """The shared options out of everything that click gives; the report's own stay."""
    asked = Asked(**{name: given.pop(name) for name in SHARED})
    if asked.first and asked.last and asked.first.first_on > asked.last.last_on:
        raise click.UsageError(_("--from lies after --to."))
    alone = [name for name in ("pauses", "invoices", "exclusions", "pairs") if getattr(asked, name)]
    if alone and not asked.orders:
        option = "--map" if alone[0] == "pairs" else f"--{alone[0]}"
        raise click.UsageError(_("{option} goes with --orders.").format(option=option))
    return asked


def named_settings(asked: Asked) -> Mapping[str, str]:
    """`--set` as names and values."""
    found = {}
    for pair in asked.settings:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(_("“{pair}” is no setting. Write name=value.").format(pair=pair))
        found[name.strip()] = value.strip()
    return found


def definitions_asked(base: Definitions, asked: Asked) -> Definitions:
    """`base` with what `--set` and `--grace-days` say. An unknown name or value is wrong usage."""
    from perennial.revenue.rules.definitions import with_values

    try:
        found = with_values(base, named_settings(asked))
    except InputRefused as wrong:
        wrong.exit_code = ExitCode.USAGE
        raise
    return found if asked.grace_days is None else replace(found, grace_days=asked.grace_days)


def ledger_options(function: F) -> F:
    """The shared options of every report that is computed from orders."""
    for option in reversed((*_files(), *_window(), *_printed())):
        function = option(function)
    return function


def _file(name: str, text: str) -> Callable[[F], F]:
    return click.option(f"--{name}", type=FILE, metavar="FILE", help=text)


def _files() -> list[Callable[[F], F]]:
    return [
        _file("orders", _("Orders: CSV, XLSX, NDJSON or Parquet. Without: the home's ledger.")),
        _file("pauses", _("Pauses of service.")),
        _file("invoices", _("Invoices: who is in arrears for too long stops to count.")),
        _file("fx", _("Rates: currency, rate (of the reporting currency per one unit).")),
        _file(
            "exclusions",
            _("Orders left out of the adjusted renewal rates: order_id reason evidence "
              "approved_by."),
        ),
        click.option("--map", "pairs", multiple=True, metavar=_("OURS=THEIRS …"),
                     help=_("Columns of the orders file: ours=theirs, ours==text, "
                            "ours=theirs{A:x,B:y}. Takes several pairs.")),
        click.option("--date-format",
                     help=_("How every date is written, as in strptime: %d/%m/%Y.")),
        click.option("--skip-bad-rows", is_flag=True,
                     help=_("Leave wrong rows out and name them; exit code 1.")),
    ]  # fmt: skip


def _window() -> list[Callable[[F], F]]:
    return [
        click.option("--from", "first", type=PERIOD, metavar=_("PERIOD"),
                     help=_("First day: 2025, 2025-Q1, 2025-01 or 2025-01-15.")),
        click.option("--to", "last", type=PERIOD, metavar=_("PERIOD"),
                     help=_("Last day, inclusive: 2025-01 is its last day.")),
        click.option("--grain", type=click.Choice([str(it) for it in Grain]), default="month",
                     show_default=True, help=_("Length of the periods.")),
        click.option("--report", type=click.Choice(["net", "activity"]), default="net",
                     show_default=True,
                     help=_("net compares the two ends of a period, activity adds up its days.")),
        click.option("--known-at", "known", type=PERIOD, metavar=_("DAY"),
                     help=_("Only what was recorded by the end of this day; default: today.")),
        click.option("--grace-days", type=click.IntRange(0, 3650), metavar="N",
                     help=_("Days after the due day within which a renewal counts; default: 30.")),
        click.option("--set", "settings", multiple=True, metavar=_("NAME=VALUE …"),
                     help=_("Definitions: currency=USD churn_recognition=on_notice. "
                            "Takes several pairs.")),
    ]  # fmt: skip


def _printed() -> list[Callable[[F], F]]:
    return [
        click.option("--exact", is_flag=True,
                     help=_("Print every amount as an exact fraction p/q.")),
        click.option("--csv", "as_csv", is_flag=True, help=_("Print one flat table as CSV.")),
    ]  # fmt: skip
