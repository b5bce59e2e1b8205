"""Backtests of pages: through the gate, and the slow part once for every state of the facts.

What takes time is reading the facts of past days; profiles only weigh them. So the readings of
a question are kept, and another draft of a profile costs a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

from django.conf import settings
from django.db.models import Max

from perennial.customers.queries import visible_customers
from perennial.events.store import open_store
from perennial.health.backtest.run import Backtest, Question, Replay, judged, replay, sources_of
from perennial.health.inputs.sources import SOURCES
from perennial.health.rules.definition import Profile
from perennial.team.access import Scope, scope
from perennial.team.models import AuditEntry, User

_MAKING = Lock()  # several requests that wait for the same readings make them once


def seen_by(user: User) -> frozenset[int] | None:
    """The customers whose outcomes this user may see figures of; None: everybody's."""
    if scope(user).scope is Scope.ALL:
        return None
    return frozenset(visible_customers(user).values_list("pk", flat=True))


def kept_backtest(question: Question, profiles: Sequence[Profile]) -> Backtest:
    """As `run.backtest`; raises FilterRefused for an audience that cannot be read."""
    sources = tuple(sorted({*SOURCES, *sources_of(profiles)}))
    with _MAKING:
        found = _replay(question, sources, state_of_facts())
    return judged(found, profiles)


def state_of_facts() -> tuple[object, ...]:
    """Changes whenever a fact does: each change leaves an audit line, events their own version."""
    store = open_store()
    newest = AuditEntry.objects.aggregate(pk=Max("pk"))["pk"]
    versions = (store.snapshot(name).version for name in ("events", "activity"))
    return (str(settings.PERENNIAL_HOME), newest, *versions)


@lru_cache(maxsize=6)
def _replay(question: Question, sources: tuple[str, ...], _state: tuple[object, ...]) -> Replay:
    return replay(question, sources)
