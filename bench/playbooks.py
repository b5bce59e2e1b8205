"""What enrolling many customers in a playbook costs, and a morning of all their runs.

`python -m bench.playbooks --customers 5000`. Baseline: writing the same rows without any rules.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.day import perennial

ENROL_SECONDS = 10.0
NAME = "detractor"


def _home(home: Path, *, customers: int) -> None:
    """A home with people, contracts and some usage, and its day computed."""
    files = home.parent / "files"
    perennial(home, "demo", "--to", str(files), "--customers", str(customers), "--events", "50000")
    for kind in ("customers", "people", "orders", "touches"):
        perennial(home, "import", kind, str(files / f"{kind}.csv"))
    perennial(home, "import", "events", str(files / "events.parquet"))
    os.environ["PERENNIAL_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
    import django

    django.setup()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=5000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _home(Path(folder) / "home", customers=asked.customers)
        return _measured()


def _measured() -> int:
    from django.db import transaction

    from perennial.customers.models import Customer
    from perennial.team.models import Role, User
    from perennial.work.models import Run, StepRun, WorkItem
    from perennial.work.playbooks import jobs
    from perennial.work.playbooks.actions import enrol, run_waiting, undo_enrolment

    by = User.objects.create(email="bench@example.com", name="Bench", role=Role.ADMIN)
    at = datetime.now(UTC)
    wanted = list(Customer.objects.values_list("pk", flat=True))
    made = enrol(NAME, customers=wanted, by=by, at=at)
    start, worked = time.perf_counter(), time.process_time()
    run_waiting(at=at)
    enrolled, worked = time.perf_counter() - start, time.process_time() - worked
    made.refresh_from_db()
    rows = [list(it._default_manager.all()) for it in (Run, StepRun, WorkItem)]
    start = time.perf_counter()
    with transaction.atomic():
        for model, found in zip((Run, StepRun, WorkItem), rows, strict=True):
            model._default_manager.bulk_create(found, ignore_conflicts=True, batch_size=500)
    bare = time.perf_counter() - start
    day = date.today() + timedelta(days=1)
    start = time.perf_counter()
    jobs.fill(day=day)
    morning = time.perf_counter() - start
    start = time.perf_counter()
    undone = undo_enrolment(made, by=by, at=at)
    undo = time.perf_counter() - start
    print(
        f"{made.enrolled} customers enrolled in {enrolled:.2f} s (at most {ENROL_SECONDS:.0f} s); "
        f"{worked:.2f} s of processor time"
    )
    print(f"  {enrolled / bare:.1f} × writing the same rows without rules ({bare:.2f} s)")
    print(f"  a morning of all runs {morning:.2f} s; undone {undone.stopped} in {undo:.2f} s")
    limit = ENROL_SECONDS * max(made.enrolled, 500) / 5000
    return int(enrolled > limit or made.enrolled != len(wanted))


if __name__ == "__main__":
    sys.exit(main())
