"""`perennial serve`: the product in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import click
from django.utils.translation import gettext as _

from perennial.config import output


@click.command(
    short_help=_("Serve the pages"),
    help=_("Serve the pages, with one worker beside them. Ctrl-C ends it."),
)
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@click.option("--port", default=8000, show_default=True, help=_("Port; 0 takes a free one."))
@click.option("--no-worker", is_flag=True, help=_("Leave the daily work to a worker elsewhere."))
@click.option(
    "--allow-demo", is_flag=True, help=_("Let others reach a demo home (its data is invented).")
)
def command(host: str, port: int, no_worker: bool, allow_demo: bool) -> None:
    start(host=host, port=port, with_worker=not no_worker, allow_demo=allow_demo)


def start(
    *,
    host: str,
    port: int,
    with_worker: bool,
    allow_demo: bool = False,
    opened: Callable[[], dict[str, object]] | None = None,
) -> None:
    """Bind, say where, and serve until interrupted. `opened` is called once it can be reached."""
    from perennial.config import addresses, server

    _refuse_open_demo(host, allow_demo)
    server.collect_static()
    listener = server.bind(host, port)
    address = server.address_of(listener)
    addresses.remember(address)
    output.say(_("Perennial is at {address}").format(address=address))
    link = _offer_first_administrator()
    more = opened() if opened else {}
    output.document({"address": address, "first_administrator": link} | more)
    output.notice(_("Ctrl-C ends it."))
    server.serve(listener, with_worker=with_worker)


def _refuse_open_demo(host: str, allowed: bool) -> None:
    from perennial.config.server import is_loopback
    from perennial.team.models import InstallationFact
    from perennial.units.errors import InputRefused

    is_demo = InstallationFact.objects.filter(name="demo").exists()
    if is_demo and not allowed and not is_loopback(host):
        raise InputRefused(
            "This is a demo home: it is served to this machine only. --allow-demo lets others in.",
            code="demo_home",
        )


def _offer_first_administrator() -> str | None:
    """On an empty home: print (never log) the link that makes the first administrator."""
    from perennial.config.addresses import link_address
    from perennial.team.actions import create_link
    from perennial.team.models import User

    if User.objects.filter(is_active=True).exists():
        return None
    link = link_address(create_link(None, by=None, at=datetime.now(UTC)))
    output.say(_("Nobody is here yet. Open this once, within 30 minutes, to become administrator:"))
    output.say(f"  {link}")
    return link
