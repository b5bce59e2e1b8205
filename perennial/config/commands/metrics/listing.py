"""`perennial metrics list`: every metric with what it means; or which day is filled with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import override

from perennial.config import output


@click.command(
    "list",
    short_help=_("The catalogue of metrics"),
    help=_("List every metric with its unit and definition, shipped ones and own ones."),
)
@click.option(
    "--fills",
    is_flag=True,
    help=_("Instead: which days of activity are filled from which version of the events."),
)
def command(fills: bool) -> None:
    (_fills if fills else _catalogue)()


def _catalogue() -> None:
    from perennial.metrics.queries.named import all_metrics

    found = all_metrics()
    output.table(
        [_("Metric"), _("Title"), _("Unit"), _("By"), _("Definition")],
        [
            (it.name, str(it.title), str(it.unit), ", ".join(it.by), str(it.definition))
            for it in found
        ],
        is_wide=True,
    )
    output.document([_described(it) for it in found])


def _described(metric: Any) -> Mapping[str, Any]:
    def both(text: object) -> dict[str, str]:
        found = {}
        for name, language in (("zh", "zh-hans"), ("en", "en")):
            with override(language):
                found[name] = str(text)
        return found

    return {
        "name": metric.name,
        "title": both(metric.title),
        "unit": both(metric.unit),
        "definition": both(metric.definition),
        "grains": list(metric.grains),
        "by": list(metric.by),
        "own": metric.own,
    }


def _fills() -> None:
    from perennial.config.periods import today
    from perennial.metrics.queries.fills import filled_runs

    found = filled_runs(today())
    states = {True: _("up to date"), False: _("stale: filled by the next run")}
    output.table(
        [_("From"), _("To"), _("Days"), _("Events"), _("Version of events"), _("State")],
        [
            (it.from_on, it.to_on, it.days, it.events, it.events_version, states[it.is_fresh])
            for it in found
        ],
    )
    output.document(found)
