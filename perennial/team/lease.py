"""Who may do a job that only one may do at a time, across processes and machines.

A lease is one row, taken by a conditional update: who changed the row has it. A holder that died
on this machine loses it at once; one elsewhere loses it when it stops renewing.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.models import Q

from perennial.team.models import Lease
from perennial.units.errors import Busy

_LASTS = timedelta(seconds=120)
_RENEW_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.2


@contextmanager
def hold(name: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lease `name` for the block; nested holds of one thread are one hold.

    Raises Busy when somebody else has it after `wait_seconds`.
    """
    me = _me()
    if Lease.objects.filter(name=name, holder=me).exists():
        yield
        return
    deadline = time.monotonic() + wait_seconds
    while not take(name, holder=me, at=datetime.now(UTC)):
        if time.monotonic() >= deadline:
            raise Busy(
                "Another process is at work ({name}). Try again later.", params={"name": name}
            )
        time.sleep(_LOOK_AGAIN_SECONDS)
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(name, me, stop), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()
        release(name, holder=me)


def take(name: str, *, holder: str, at: datetime) -> bool:
    """Take the lease if it is free; true when this holder has it now."""
    Lease.objects.bulk_create([Lease(name=name, holder="", expires_at=at)], ignore_conflicts=True)
    present = Lease.objects.values_list("holder", flat=True).get(name=name)
    match _alive(present):
        case True:
            return False
        case False:
            free = Q(holder=present)
        case None:
            free = Q(expires_at__lte=at) | Q(holder="")
    changed = Lease.objects.filter(free, name=name).update(holder=holder, expires_at=at + _LASTS)
    return changed == 1


def release(name: str, *, holder: str) -> None:
    Lease.objects.filter(name=name, holder=holder).update(holder="")


def holder_of(name: str) -> str | None:
    """Who has the lease now (machine:process…), or None."""
    row = Lease.objects.filter(name=name).exclude(holder="").first()
    if row is None:
        return None
    alive = _alive(row.holder)
    if alive is None:
        alive = row.expires_at > datetime.now(UTC)
    return row.holder if alive else None


def _keep(name: str, holder: str, stop: threading.Event) -> None:
    """Renew while the block runs. A renewal that fails is tried again in time."""
    while not stop.wait(_RENEW_SECONDS):
        try:
            until = datetime.now(UTC) + _LASTS
            Lease.objects.filter(name=name, holder=holder).update(expires_at=until)
        except DatabaseError:
            continue
        finally:
            connection.close()


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{_born(os.getpid())}:{threading.get_ident()}"


def _alive(holder: str) -> bool | None:
    """Whether the holding process lives; None when it is nobody's or another machine's."""
    host, _, rest = holder.partition(":")
    pid, _, rest = rest.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return None
    return _born(int(pid)) == rest.partition(":")[0]


def _born(pid: int) -> str:
    """When a process started (kernel ticks), so that a number used again is told apart."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _born_without_proc(pid)
    return stat.rpartition(")")[2].split()[19]


def _born_without_proc(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        return "0"
    return "0"
