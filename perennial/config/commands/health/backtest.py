"""`perennial health backtest`: profiles replayed on past outcomes, with what was known then."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.periods import PERIOD
from perennial.units.errors import ExitCode, InputRefused
from perennial.units.period import Period

if TYPE_CHECKING:
    from perennial.health.backtest.run import Backtest, Question
    from perennial.health.rules.definition import Profile

WAIT_SECONDS: Final = 600.0
LONGEST_SILENCE: Final = 3660
_SILENT = re.compile(r"silent:(\d{1,4})")


class OutcomesType(click.ParamType[tuple[str, int]]):
    """renewals, imported or silent:N."""

    name = "outcomes"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        text = str(value)
        if text in ("renewals", "imported"):
            return text, 0
        found = _SILENT.fullmatch(text)
        if not found or not 1 <= int(found[1]) <= LONGEST_SILENCE:
            wrong = _("“{value}” is none of: renewals, imported, silent:N (N days, up to {most}).")
            self.fail(wrong.format(value=text, most=LONGEST_SILENCE), param, ctx)
        return "silent", int(found[1])


@click.command(
    "backtest",
    short_help=_("What the scores said before customers were lost"),
    help=_(
        "Recompute the scores as of 30, 60, 90 and 180 days before each outcome, from what was "
        "recorded by then, and say how well they told what came.\n\n"
        "renewals: what fell due in the ledger. imported: outcomes from elsewhere. silent:N: "
        "customers in use on the first of a month, lost when N days without any event follow."
    ),
)
@click.option("--profile", metavar=_("NAME"),
              help=_("One profile alone: NAME, NAME:draft or NAME:VERSION. Without: all that are "
                     "in force."))  # fmt: skip
@click.option("--file", "path", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              metavar="FILE.yaml", help=_("Profiles of a file instead, published or not."),
              )  # fmt: skip
@click.option("--outcomes", type=OutcomesType(), required=True,
              metavar="renewals|silent:N|imported",
              help=_("What the scores are held against."))  # fmt: skip
@click.option("--from", "first", type=PERIOD, metavar=_("PERIOD"),
              help=_("First day: 2025, 2025-Q1, 2025-01 or 2025-01-15."))  # fmt: skip
@click.option("--to", "last", type=PERIOD, metavar=_("PERIOD"),
              help=_("Last day, inclusive: 2025-01 is its last day."))  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**31 - 1),
              help=_("Of the intervals; the same seed and data give the same figures."),
              )  # fmt: skip
def command(
    profile: str | None,
    path: Path | None,
    outcomes: tuple[str, int],
    first: Period | None,
    last: Period | None,
    seed: int | None,
) -> None:
    from perennial.config.commands.health.shown import show
    from perennial.config.periods import today
    from perennial.health.backtest.run import SEED, Kind, Question

    if profile and path:
        raise click.UsageError(_("--profile and --file exclude each other."))
    if first and last and first.first_on > last.last_on:
        raise click.UsageError(_("--from lies after --to."))
    kind, silent_days = outcomes
    question = Question(
        Kind(kind),
        known_on=today(),
        from_on=first.first_on if first else None,
        to_on=last.last_on if last else None,
        silent_days=silent_days,
        seed=SEED if seed is None else seed,
    )
    show(_run(question, _profiles(profile, path)))


def _run(question: Question, profiles: list[Profile]) -> Backtest:
    from perennial.health.backtest.run import backtest
    from perennial.metrics.jobs import freshen
    from perennial.units.errors import Busy
    from perennial.units.sentence import sentence

    if not freshen(wait_seconds=WAIT_SECONDS):
        raise Busy(sentence("Another process is writing to the analytical store."))
    with output.progress(_("Backtest")) as progress:
        return backtest(question, profiles, progress=progress)


def _profiles(name: str | None, path: Path | None) -> list[Profile]:
    from perennial.config.commands.health.files import profiles_of
    from perennial.health.backtest.chosen import profile_named
    from perennial.health.queries.profiles import profiles_in_force

    if path is not None:
        return profiles_of(path)
    if name is None:
        return profiles_in_force()
    try:
        return [profile_named(name)]
    except InputRefused as wrong:
        wrong.exit_code = ExitCode.USAGE
        raise
