"""`perennial users`: who works here, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.config import output

ROLES = ["admin", "leader", "csm", "finance", "support", "viewer"]


@click.group(
    short_help=_("Users and log-in links"),
    help=_("Add and list the people who log in, and make log-in links."),
)
def command() -> None: ...


@command.command(help=_("Add a user; prints a link with which they log in and set a password."))
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help=_("What they may do."))
@click.option("--team", default="", help=_("Name of their team; made when new."))
@click.option("--name", default="", help=_("How they are called."))
def add(email: str, role: str, team: str, name: str) -> None:
    from perennial.customers.imports import claim_owned
    from perennial.team.actions import add_user, create_link

    now = datetime.now(UTC)
    user = add_user(email, name=name, role=role, team=team, by=None, at=now)
    claim_owned(user)  # customers whose owner was imported before the owner was here
    link = _address(create_link(user, by=None, at=now))
    output.say(_("{email} is {role} now.").format(email=user.email, role=role))
    output.say(_("Log-in link (once, within 30 minutes): {link}").format(link=link))
    output.document({"id": user.pk, "email": user.email, "role": role, "link": link})


@command.command("list", help=_("List the users."))
def list_() -> None:
    from perennial.team.models import User

    rows = [
        {
            "email": user.email,
            "name": user.name,
            "role": user.role,
            "team": user.team.name if user.team else None,
            "active": user.is_active,
        }
        for user in User.objects.select_related("team").order_by("email")
    ]
    titles = [
        pgettext("user", "E-mail"),
        pgettext("user", "Name"),
        _("Role"),
        _("Team"),
        _("Active"),
    ]
    yes_no = {True: _("yes"), False: _("no")}
    output.table(titles, [[*list(it.values())[:4], yes_no[bool(it["active"])]] for it in rows])
    output.document({"users": rows})


@command.command(help=_("Make a link with which a user logs in once, within 30 minutes."))
@click.argument("email")
def link(email: str) -> None:
    from perennial.team.actions import create_link
    from perennial.team.models import User
    from perennial.units.errors import InputRefused

    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise InputRefused(
            "Nobody here has the address {value}.", code="unknown_user", params={"value": email}
        )
    address = _address(create_link(user, by=None, at=datetime.now(UTC)))
    output.say(address)
    output.document({"email": user.email, "link": address})


def _address(token: str) -> str:
    from perennial.config.addresses import link_address

    return link_address(token)
