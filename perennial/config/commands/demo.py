"""`perennial demo`: a believable company to look at, or its files."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import webbrowser
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from django.conf import settings
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.run import watch
from perennial.units.moment import last_complete_day

DEFAULT_CUSTOMERS = 300
USUAL_PORT = 8000
# Scores have a month behind them and alerts a week of days. Health remembers a band for a week,
# so the steps before are no longer than that.
DAYS_BACK = (30, 24, 18, 12, *range(6, -1, -1))


@click.command(
    short_help=_("An invented company to look at"),
    help=_(
        "Fill an empty home with an invented company, compute its days and print how to log in. "
        "With --to, only write its import files and the truth behind them."
    ),
)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help=_("Write files here."))
@click.option("--customers", type=click.IntRange(1), help=_("Number of customers."))
@click.option("--events", type=click.IntRange(0), help=_("Number of usage events."))
@click.option("--seed", default=1, show_default=True, help=_("The same seed, the same company."))
@click.option(
    "--profile", type=click.Choice(["company", "d2", "d3"]), default="company", show_default=True,
    help=_("Which data to write with --to."),
)  # fmt: skip
@click.option("--serve", is_flag=True, help=_("Serve the home and open it, already logged in."))
@click.option("--port", type=int, help=_("Port for --serve; otherwise 8000, or a free one."))
def command(
    to: Path | None,
    customers: int | None,
    events: int | None,
    seed: int,
    profile: str,
    serve: bool,
    port: int | None,
) -> None:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    if to is not None:
        _write(to, customers, events, seed, profile, language)
        return
    if profile != "company":
        raise click.UsageError(_("--profile needs --to: only files are written."))
    passwords = _fill(customers=customers, events=events, seed=seed, language=language)
    _open(passwords=passwords, serve=serve, port=port)


def _write(
    to: Path, customers: int | None, events: int | None, seed: int, profile: str, language: str
) -> None:
    from perennial.demo.generate import write

    with output.progress(_("Events")) as progress:
        rows = write(
            to,
            customers=customers,
            events=events,
            seed=seed,
            profile=profile,
            language=language,
            progress=progress,
        )
    output.table([_("File"), _("Rows")], list(rows.items()))
    output.document({"to": to, "files": rows})


def _fill(*, customers: int | None, events: int | None, seed: int, language: str) -> dict[str, str]:
    """Make the demo home if it is absent, compute its days; the passwords when they are new."""
    from perennial.config import database, pipeline
    from perennial.demo.judgement import before
    from perennial.demo.load import make_home
    from perennial.desk.morning import tell_the_morning
    from perennial.team.days import last_day
    from perennial.team.models import User

    database.ready()
    now = datetime.now(UTC)
    made = make_home(
        end_on=last_complete_day(now, settings.PERENNIAL_TIME_ZONE),
        at=now,
        watch=output.progress,
        customers=customers or DEFAULT_CUSTOMERS,
        events=events,
        seed=seed,
        language=language,
    )
    if made.passwords:
        output.say(_("Passwords of the demo users, shown this once:"))
        roles = {user.email: user.get_role_display() for user in User.objects.all()}
        output.table(
            [pgettext("user", "E-mail"), _("Role"), _("Password")],
            [(email, roles[email], password) for email, password in made.passwords.items()],
        )
    for days_back in DAYS_BACK:
        day = made.end_on - timedelta(days=days_back)
        done = last_day()
        if done is None or day > done:
            before(days_back, end_on=made.end_on, seed=seed, language=language, at=now)
        if done is None or day > done or not days_back:
            pipeline.run(day=day, watch=watch, catch_up=False)
    tell_the_morning(at=now)
    return made.passwords


def _open(*, passwords: dict[str, str], serve: bool, port: int | None) -> None:
    from perennial.config.commands.serve import start

    if serve:
        start(host="127.0.0.1", port=port or _usual_port(), with_worker=True, opened=_browse)
        return
    link = _link()
    output.say(_("`perennial serve` shows it. Log-in link, for one use within 30 minutes: {link}")
               .format(link=link))  # fmt: skip
    output.document({"passwords": passwords, "link": link})


def _usual_port() -> int:
    """8000, or 0 (a free one) when somebody else has it."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return 0
    return USUAL_PORT


def _link() -> str:
    from perennial.config.addresses import link_address
    from perennial.demo.cast import ADMIN
    from perennial.team.actions import create_link
    from perennial.team.models import User

    user = User.objects.get(email=ADMIN.email)
    return link_address(create_link(user, by=None, at=datetime.now(UTC)))


def _browse() -> dict[str, object]:
    """Open the product, logged in; what the server's document says about it."""
    link = _link()
    output.say(_("Open this, for one use within 30 minutes: {link}").format(link=link))
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(link)
    return {"link": link}
