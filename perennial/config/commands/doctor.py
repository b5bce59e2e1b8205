"""`perennial doctor`: is everything in order, and if not, what to do?"""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.units.errors import ExitCode


@click.command(
    short_help=_("Is everything in order?"),
    help=_(
        "Check the installation and the data, and say what to do about what is found. "
        "Changes nothing. Exit code 1 when something is wrong."
    ),
)
def command() -> None:
    from django.conf import settings

    from perennial.config import home
    from perennial.config.doctor.examination import examine
    from perennial.config.doctor.finding import Level

    here = home.enter()
    findings = examine()
    problems = [it for it in findings if it.level is Level.PROBLEM]
    for it in findings:
        output.say(f"{'✗' if it.level is Level.PROBLEM else '•'} {it.message}")
        if it.what_to_do:
            output.say(f"  → {it.what_to_do}")
    if settings.PERENNIAL_ENGINE != "duckdb":
        output.say(_("Analytical engine: {engine}").format(engine=settings.PERENNIAL_ENGINE))
    if not findings:
        output.say(_("✓ Everything is in order in {home}.").format(home=here))
    output.document(
        {
            "home": here,
            "engine": settings.PERENNIAL_ENGINE,
            "ok": not problems,
            "findings": findings,
        }
    )
    if problems:
        raise SystemExit(ExitCode.FINDINGS)
