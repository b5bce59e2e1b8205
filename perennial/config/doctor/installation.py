"""The installation: settings, home, disk, database, clock, backups."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django import conf
from django.core.checks import run_checks
from django.db import Error, connection
from django.db.models import Max
from django.utils.translation import gettext as _

from perennial.config import database, faults, home
from perennial.config.checks import ENGINE
from perennial.config.doctor.finding import Finding, Level
from perennial.events.store import check_engine
from perennial.team.models import AuditEntry, InstallationFact, Role, User
from perennial.units.errors import EnvironmentFault

LITTLE_DISK_BYTES = 2 << 30
BACKUP_EVERY = timedelta(days=7)


def settings() -> Iterator[Finding]:
    for it in run_checks(tags=["perennial"]):
        level = Level.PROBLEM if it.is_serious() else Level.ADVICE
        yield Finding(it.id or "setting", it.msg, it.hint or "", level)


def folder() -> Iterator[Finding]:
    """The home and its secret are readable by their owner only."""
    here = home.folder()
    for path, mode in ((here, 0o700), (here / "secret_key", 0o600)):
        if path.exists() and path.stat().st_mode & 0o077:
            yield Finding(
                "open_permissions",
                _("Others on this machine can read {path}.").format(path=path),
                f"chmod {mode:o} {path}",
            )
    for left in [*here.glob("backup-*"), *here.glob("restore-staging")]:
        pid = left.name.rpartition("-")[2]
        if left.is_dir() and not Path(f"/proc/{pid}").exists():
            yield Finding(
                "left_over",
                _("{path} was left behind by something that was cut off.").format(path=left),
                f"rm -r {left}",
                Level.ADVICE,
            )


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(home.folder()).free
    if free < LITTLE_DISK_BYTES:
        yield Finding(
            "little_disk",
            _("Only {gigabytes:.1f} GB of disk are free.").format(gigabytes=free / 2**30),
            _("Free some, or move PERENNIAL_HOME to a larger disk."),
        )


def engine() -> Iterator[Finding]:
    """The analytical engine that the settings ask for is there."""
    if not ENGINE.fullmatch(conf.settings.PERENNIAL_ENGINE):
        return  # told by the settings
    try:
        check_engine()
    except EnvironmentFault as fault:
        yield Finding(
            fault.code,
            faults.sentence(fault),
            _("Until then nothing that reads usage can be computed: metrics, health, the day."),
        )


def tables() -> Iterator[Finding]:
    """The database answers, is whole and up to date."""
    try:
        missing = database.pending()
        damage = _damage()
    except Error as error:
        if (named := faults.name(error)).code == "database_damaged":
            yield _damaged(str(error))
            return
        yield Finding(
            "database_down",
            faults.sentence(named),
            _("Check PERENNIAL_DATABASE_URL, and that the server runs."),
        )
        return
    if missing:
        yield Finding(
            "migrations_pending",
            _("{count} migrations have not run.").format(count=len(missing)),
            _("Start any command, such as `perennial users list`; they run by themselves."),
        )
    if damage:
        yield _damaged(damage)


def _damaged(reason: str) -> Finding:
    return Finding(
        "database_damaged",
        _("The database file is damaged: {reason}.").format(reason=reason),
        _("Stop `serve` and restore the last backup: `perennial restore FILE --force`."),
    )


def _damage() -> str:
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        answer = str(cursor.execute("PRAGMA quick_check(1)").fetchone()[0])
    return "" if answer == "ok" else answer


def clock() -> Iterator[Finding]:
    """Nothing was written in the future: else the clock went back."""
    newest = AuditEntry.objects.aggregate(at=Max("at"))["at"]
    if newest and newest > datetime.now(UTC) + timedelta(minutes=5):
        yield Finding(
            "clock_went_back",
            _("The last change is dated {moment}, which is in the future.").format(moment=newest),
            _("Correct this machine's clock."),
        )


def people() -> Iterator[Finding]:
    active = User.objects.filter(is_active=True)
    if active.exists() and not active.filter(role=Role.ADMIN).exists():
        yield Finding(
            "no_administrator",
            _("Nobody here is administrator."),
            "perennial users add EMAIL --role admin",
        )


def backups() -> Iterator[Finding]:
    if not User.objects.exists() or InstallationFact.objects.filter(name="demo").exists():
        return
    fact = InstallationFact.objects.filter(name="last_backup").first()
    if fact is None:
        message = _("There is no backup yet.")
    elif datetime.now(UTC) - datetime.fromisoformat(fact.value) > BACKUP_EVERY:
        message = _("The last backup is of {moment}.").format(moment=fact.value[:10])
    else:
        return
    yield Finding("no_recent_backup", message, "perennial backup FILE", Level.ADVICE)
