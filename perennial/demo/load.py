"""Turns an empty home into the demo home: generates the company, imports it, adds the users."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.connectors.actions import import_file
from perennial.connectors.options import Options
from perennial.customers.models import Customer
from perennial.demo.away import go_on_holiday
from perennial.demo.cast import ADMIN, COLLEAGUES, FINANCE, LEADER, OUTSIDER, OWNER, TEAMMATE
from perennial.demo.decisions import credit_sales, exclude_lost
from perennial.demo.finance import close_months, record_finance, set_plan_rate
from perennial.demo.generate import write
from perennial.demo.sources import Sent, add_sources
from perennial.demo.usage import define, receive
from perennial.team.actions import add_user
from perennial.team.models import InstallationFact, User
from perennial.units.errors import InputRefused
from perennial.units.progress import Progress

MARK = "demo"  # the fact that says: this home holds invented data
IMPORTED: tuple[tuple[str, str, Promise], ...] = (
    ("customers", "customers.csv", _("Customers")),
    ("people", "people.csv", _("People")),
    ("orders", "orders.csv", _("Orders")),
    ("pauses", "pauses.csv", _("Pauses")),
    ("events", "events.parquet", _("Usage events")),
    ("tickets", "tickets.csv", _("Tickets")),
    ("surveys", "surveys.csv", _("Survey answers")),
    ("invoices", "invoices.csv", _("Invoices")),
    ("touches", "touches.csv", _("Touches")),
    ("outcomes", "outcomes.csv", _("Outcomes")),
)
SHOWN = (ADMIN, LEADER, OWNER, TEAMMATE, OUTSIDER)  # whose passwords are printed

Watch = Callable[[Promise], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class DemoHome:
    """What `perennial demo` prints. `passwords` are shown once: they are stored hashed.

    `opens_as` is the user whom the one-time link logs in: the administrator sees everything.
    """

    end_on: date
    passwords: dict[str, str]
    opens_as: User


def make_home(
    *,
    end_on: date,
    at: datetime,
    watch: Watch,
    customers: int = 300,
    events: int | None = None,
    seed: int = 1,
    language: str = "zh",
) -> DemoHome:
    """Fills the home with the demo company up to the end of `end_on`; the day is not run yet.

    Done already: nothing is written, and no password is shown again. Cut off: goes on. Raises
    InputRefused for a home that holds other data.
    """
    mark = InstallationFact.objects.filter(name=MARK).first()
    if mark is None:
        mark = _mark(end_on=end_on, customers=customers, seed=seed, language=language)
    elif mark.value["complete"]:
        admin = User.objects.get(email=ADMIN.email)
        return DemoHome(date.fromisoformat(mark.value["end_on"]), {}, admin)
    made = mark.value
    passwords = _add_users(language=made["language"], at=at)
    filled_to = date.fromisoformat(made["end_on"])
    admin = User.objects.get(email=ADMIN.email)
    sources = add_sources(end_on=filled_to, language=made["language"], by=admin, at=at)
    with TemporaryDirectory(prefix="demo-", dir=settings.PERENNIAL_HOME) as folder:
        _invent(Path(folder), made, events=events, watch=watch)
        _import_all(Path(folder), events_of=sources[Sent.SERVER].name, watch=watch, at=at)
    with watch(_("Event intake")):
        receive(sources, end_on=filled_to, seed=made["seed"], language=made["language"])
    with watch(_("Decisions and closes")):
        _decide(made, at=at)
    return DemoHome(filled_to, passwords, admin)


def _invent(folder: Path, made: dict[str, Any], *, events: int | None, watch: Watch) -> None:
    """Writes the company's files, as its mark says."""
    with watch(_("Inventing a company")) as progress:
        write(
            folder,
            customers=made["customers"],
            events=events,
            seed=made["seed"],
            language=made["language"],
            end_on=date.fromisoformat(made["end_on"]),
            billed=True,
            progress=progress,
        )


@transaction.atomic
def _mark(*, end_on: date, customers: int, seed: int, language: str) -> InstallationFact:
    """Marks the empty home as a demo before anything is written into it."""
    if User.objects.exists() or Customer.objects.exists():
        raise InputRefused(
            "This home holds data already. Give the demo a home of its own: set PERENNIAL_HOME.",
            code="home_not_empty",
        )
    value = {"customers": customers, "seed": seed, "language": language, "complete": False}
    return InstallationFact.objects.create(name=MARK, value=value | {"end_on": end_on.isoformat()})


@transaction.atomic
def _add_users(*, language: str, at: datetime) -> dict[str, str]:
    """The colleagues; administrator and cast get random passwords. A cut-off demo starts anew."""
    passwords = {colleague.email: secrets.token_urlsafe(9) for colleague in SHOWN}
    User.objects.filter(email__in=[colleague.email for colleague in COLLEAGUES]).delete()
    for colleague in COLLEAGUES:
        add_user(
            colleague.email,
            name=colleague.name.text(language),
            role=colleague.role,
            team=colleague.team.text(language) if colleague.team else "",
            password=passwords.get(colleague.email),
            by=None,
            at=at,
        )
    return passwords


@transaction.atomic
def _decide(made: dict[str, Any], *, at: datetime) -> None:
    """What people recorded and decided beside the imports; with it the demo is complete."""
    end_on, language = date.fromisoformat(made["end_on"]), made["language"]
    finance, leader = (User.objects.get(email=it.email) for it in (FINANCE, LEADER))
    set_plan_rate(end_on=end_on, by=finance, at=at)
    go_on_holiday(end_on=end_on, language=language, at=at)
    record_finance(customers=made["customers"], end_on=end_on, by=finance, at=at)
    exclude_lost(end_on=end_on, language=language, leader=leader, finance=finance, at=at)
    credit_sales(end_on=end_on, language=language, by=finance, at=at)
    close_months(end_on=end_on, language=language, by=finance, at=at)
    define(language=language, by=leader, at=at)
    InstallationFact.objects.filter(name=MARK).update(value=made | {"complete": True})


def _import_all(folder: Path, *, events_of: str, watch: Watch, at: datetime) -> None:
    """The history of events stands under the name of the source that sends them from now on."""
    for kind, file, title in IMPORTED:
        options = Options(source=events_of) if kind == "events" else Options()
        with watch(title) as progress:
            import_file(kind, folder / file, options=options, by=None, at=at, progress=progress)
