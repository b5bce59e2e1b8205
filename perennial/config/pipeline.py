"""The day, in order: facts → numbers → judgement → action → shown.

Every step fills what is missing up to the end of the day, may be killed anywhere and run again,
and changes nothing when nothing is new. The second file that a newcomer opens.
"""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial import __version__
from perennial.config import bulk, faults
from perennial.events.intake.loading import load
from perennial.events.store import open_store
from perennial.team import days
from perennial.team.lease import hold
from perennial.team.models import AuditEntry
from perennial.units.progress import Progress, silent

STEPS: tuple[tuple[str, Promise], ...] = (
    ("events", _("Events into the store")),
    ("metrics", _("Daily activity")),
    ("contracts", _("Contract terms")),
    ("revenue", _("Recurring revenue")),
    ("health", _("Health scores")),
    ("alerts", _("Alerts")),
    ("work", _("Queue")),
    ("desk", _("Figures of the pages")),
)
NO_FACTS = (  # nothing to compute from
    "link_created",
    "profile_changed",
    "password_changed",
    "absence.planned",
    "absence.taken_back",
    "absence.restored",
    "secret_link.made",
    "secret_link.revoked",
    "profile_draft_saved",
    "profile_draft_discarded",
    "notifications_changed",
    "mail_tried_again",
    "channel_added",
    "channel_changed",
    "channel_paused",
    "channel_resumed",
    "channel_removed",
    "channel_tested",
    "delivery_sent_again",
    "mail_discarded",
    "mail_decision_taken_back",
    "risk_trained",
    "playbook_draft_saved",
    "playbook_draft_discarded",
    "playbook_published",
    "playbook_retired",
    "playbook_brought_back",
    "playbook_made_automatic",
    "playbook_made_manual",
    "playbook_enrolment",
    "playbook_enrolment_undone",
    "playbook.started",
    "playbook.stopped",
    "playbook.step_done",
    "playbook.step_skipped",
    "alert_judged",
    "alert_verdict_taken_back",
    "plan.strategy_set",
    "plan.strategy_removed",
    "plan.shared",
    "plan.unshared",
    "plan.customer_said",
    "plan.answered",
    "comment.added",
    "comment.edited",
    "comment.removed",
    "comment.restored",
    "file.attached",
    "file.removed",
    "file.restored",
    "customer.linked",
    "customer.unlinked",
    "customer.silence_explained",
)
LONGEST_GAP_DAYS = 92  # older missing days are left out: their state would interest nobody

Watch = Callable[[date, Promise], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class DayResult:
    """What one day's run did: counts per step, or nothing new."""

    day: date
    nothing_new: bool
    counts: dict[str, dict[str, int]]


def run(
    *, day: date, watch: Watch | None = None, wait_seconds: float = 0, catch_up: bool = True
) -> list[DayResult]:
    """Bring every derived figure to the state at the end of `day`.

    Missing days since the last run come first (not without `catch_up`). Raises Busy when another
    process is at it for longer than `wait_seconds`.
    """
    with hold("day", wait_seconds=wait_seconds):
        load(open_store())  # what has been accepted is a fact of these days
        bulk.turn()
        wanted = missing_days(until=day) if catch_up else [day]
        return [_run_day(it, watch=watch or _unwatched) for it in wanted]


def missing_days(*, until: date) -> list[date]:
    """The days to compute, in order; `until` itself is always looked at again."""
    last = days.last_day()
    if last is None or last >= until:
        return [until]
    first = max(last + timedelta(days=1), until - timedelta(days=LONGEST_GAP_DAYS - 1))
    return [first + timedelta(days=n) for n in range((until - first).days + 1)]


def _run_day(day: date, *, watch: Watch) -> DayResult:
    known = _state_of_facts()
    if facts_of(day) == known:
        return DayResult(day, True, {})
    days.mark_running(day, step=days.WHOLE_DAY, at=datetime.now(UTC))
    counts = {step: _run_step(step, title, day=day, watch=watch) for step, title in STEPS}
    days.mark_done(day, step=days.WHOLE_DAY, counts={"facts": known}, at=datetime.now(UTC))
    return DayResult(day, False, counts)


def _run_step(step: str, title: Promise, *, day: date, watch: Watch) -> dict[str, int]:
    _die_here_in_tests(f"{step}:before")
    days.mark_running(day, step=step, at=datetime.now(UTC))
    try:
        with watch(day, title) as progress, _no_garbage_collection():
            counts: dict[str, int] = jobs_of(step).fill(day=day, progress=_mortal(progress, step))
    except Exception as error:
        named = faults.name(error)
        days.mark_failed(day, step=step, error=faults.sentence(named), at=datetime.now(UTC))
        raise named from error
    _die_here_in_tests(f"{step}:after")
    days.mark_done(day, step=step, counts=counts, at=datetime.now(UTC))
    return counts


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A step makes a million small objects and no cycles: searching them costs a fifth of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def jobs_of(step: str) -> ModuleType:
    """The jobs of a slice, loaded when they are needed: the engine is slow to import."""
    return importlib.import_module(f"perennial.{step}.jobs")


def facts_of(day: date) -> dict[str, Any]:
    """The facts that a finished day has seen (`_state_of_facts`); empty for another day."""
    facts: dict[str, Any] = days.counts_of(day, step=days.WHOLE_DAY).get("facts", {})
    return facts


def _state_of_facts() -> dict[str, Any]:
    """Changes whenever a fact may have changed: every action leaves an audit line, and every
    write to the store a version. A new Perennial may compute otherwise, another currency too."""
    newest = AuditEntry.objects.exclude(action__in=NO_FACTS).aggregate(pk=Max("pk"))["pk"]
    events = open_store().last_change("events")
    return {
        "perennial": __version__,
        "currency": settings.PERENNIAL_CURRENCY,
        "audit": newest or 0,
        "events": events,
    }


def _unwatched(_day: date, _title: Promise) -> AbstractContextManager[Progress]:
    return nullcontext(silent)


def _mortal(progress: Progress, step: str) -> Progress:
    """Progress that tests can use to kill the process in the middle of a step."""
    calls = 0

    def tell(done: int, total: int | None = None, /) -> None:
        nonlocal calls
        calls += 1
        _die_here_in_tests(f"{step}:{calls}")
        progress(done, total)

    return tell


def _die_here_in_tests(place: str) -> None:
    if os.environ.get("PERENNIAL_FAILPOINT") == place:
        os._exit(137)
