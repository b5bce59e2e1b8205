"""All checks, in order; one that cannot run is itself a finding."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from perennial.config import faults
from perennial.config.doctor import attachments, data, inbox, installation, mails
from perennial.config.doctor.finding import Finding
from perennial.config.logs import log_file

log = logging.getLogger("perennial.faults")

INSTALLATION: tuple[Callable[[], Iterator[Finding]], ...] = (
    installation.settings,
    installation.folder,
    installation.disk,
    installation.engine,
    installation.tables,
)
DATA: tuple[Callable[[], Iterator[Finding]], ...] = (
    installation.clock,
    installation.people,
    installation.backups,
    inbox.loading,
    inbox.losses,
    data.store,
    data.lost_events,
    data.computed_days,
    data.feeds,
    mails.leaving,
    mails.to_channels,
    mails.from_mailbox,
    attachments.lying,
)


def examine() -> list[Finding]:
    """Everything that is wrong or could be better; the data only once the tables are there."""
    found = _run(INSTALLATION)
    if {it.code for it in found} & {"database_down", "database_damaged", "migrations_pending"}:
        return found
    return found + _run(DATA)


def _run(checks: tuple[Callable[[], Iterator[Finding]], ...]) -> list[Finding]:
    found: list[Finding] = []
    for check in checks:
        try:
            found += check()
        except Exception as error:
            log.exception("doctor could not finish %s", check.__name__)
            named = faults.name(error)
            code = f"{check.__name__}_failed"
            details = _("The details are in {path}.").format(path=log_file())
            sentence = faults.sentence(named)
            if sentence not in {it.message for it in found}:  # one cause, told once
                found.append(Finding(code, sentence, details))
    return found
