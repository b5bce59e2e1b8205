"""`perennial risk train`: learn from a plain table, or from the home's renewals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

LEAST_FOLDS, MOST_FOLDS = 2, 20
MODELS = ("auto", "segment_rates", "logistic", "ebm")


@click.command(
    "train",
    short_help=_("Learn who will be lost, and say how well"),
    help=_(
        "With --file: learn from a plain table (CSV, Parquet, Excel; gzip or not), say how well "
        "unseen rows are told, and write nothing. Without: learn from the home's renewals and "
        "keep the model.\n\n"
        "perennial risk train --file telco.csv.gz --label Churn --label-true Yes "
        "--amount MonthlyCharges"
    ),
)
@click.option("--file", "path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help=_("A table with one row per renewal."))  # fmt: skip
@click.option("--label", metavar=_("COLUMN"), help=_("The column that says how it ended."))
@click.option("--label-true", metavar=_("VALUE"), help=_("What the column says of a loss."))
@click.option("--amount", metavar=_("COLUMN"), help=_("The money at stake, for its bias."))
@click.option("--id", "identity", metavar=_("COLUMN"),
              help=_("The customer: one is never learned from and tested on at once."))  # fmt: skip
@click.option("--time", metavar=_("COLUMN"),
              help=_("When it was decided: later rows are told by models of earlier ones."),
              )  # fmt: skip
@click.option("--date-format", metavar="F", help=_("How the dates are written: %d/%m/%Y."))
@click.option("--folds", type=click.IntRange(LEAST_FOLDS, MOST_FOLDS), default=5,
              show_default=True, help=_("Into how many parts unseen rows are cut."))  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True,
              help=_("The same seed and data give the same figures."))  # fmt: skip
@click.option("--model", type=click.Choice(MODELS), default="auto", show_default=True,
              help=_("auto: by how many renewals there are, and what tells unseen ones best."),
              )  # fmt: skip
@click.option("--lead-days", type=click.Choice(["90", "180"]), default="90", show_default=True,
              help=_("Facts as they were known so many days before a renewal was due."),
              )  # fmt: skip
def command(
    path: Path | None,
    label: str | None,
    label_true: str | None,
    amount: str | None,
    identity: str | None,
    time: str | None,
    date_format: str | None,
    folds: int,
    seed: int,
    model: str,
    lead_days: str,
) -> None:
    from perennial.config.commands.risk.shown import show
    from perennial.config.commands.risk.table import Asked

    if path is None:
        if any((label, label_true, amount, identity, time, date_format)):
            raise click.UsageError(_("Columns belong to a file: name it with --file."))
        show(_of_the_home(folds=folds, seed=seed, model=model, lead_days=int(lead_days)))
        return
    if not label or not label_true:
        raise click.UsageError(
            _("Say which column tells how it ended, and what it says of a loss: --label, "
              "--label-true.")
        )  # fmt: skip
    asked = Asked(path, label, label_true, amount, identity, time, date_format)
    show(_of_a_file(asked, folds=folds, seed=seed, model=model))


def _of_a_file(asked: Any, *, folds: int, seed: int, model: str) -> dict[str, Any]:
    from perennial.config import output
    from perennial.config.commands.risk.table import given
    from perennial.health.risk.document import document
    from perennial.health.risk.rules.trial import tried

    with output.progress(_("Learning")):
        found = given(asked)
        trial = tried(found.data, folds=folds, seed=seed, kind=_kind(model))
    settings = {
        "file": asked.path.name,
        "label": asked.label,
        "label_true": asked.label_true,
        "amount": asked.amount,
        "id": asked.id,
        "time": asked.time,
        "folds": folds,
        "seed": seed,
        "model": model,
    }
    written = document(trial, found.data, settings=settings)
    return written | {"left_out": found.left_out, "undecided": found.undecided}


def _of_the_home(*, folds: int, seed: int, model: str, lead_days: int) -> dict[str, Any]:
    from datetime import UTC, datetime

    from perennial.config import database, output
    from perennial.config.periods import today
    from perennial.health.risk.actions import train

    database.ready()
    with output.progress(_("Learning")):
        kept = train(
            known_on=today(),
            lead_days=lead_days,
            folds=folds,
            seed=seed,
            kind=_kind(model),
            by=None,
            at=datetime.now(UTC),
        )
    return dict(kept.card) | {"kept": kept.pk}


def _kind(model: str) -> Any:
    from perennial.health.risk.rules.fitted import Kind

    return None if model == "auto" else Kind(model)
