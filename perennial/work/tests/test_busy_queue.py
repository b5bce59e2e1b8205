"""The queue is read while colleagues work in it."""

from __future__ import annotations

from typing import Any

import pytest

from perennial.team.models import User
from perennial.work import queries
from perennial.work.models import WorkItem
from perennial.work.queries import queue
from perennial.work.tests.test_queue import DAY, Day, customer, fell, user


@pytest.mark.django_db
def test_an_item_settled_while_the_queue_is_read_is_left_out(monkeypatch: pytest.MonkeyPatch):
    """Customers are ranked first and their items read then; a colleague is quicker in between."""
    owner = user("owner")
    Day(monkeypatch).run(DAY, fell(customer("北京卓泽", owner)))
    assert len(queue(owner, on=DAY, limit=10)) == 1
    ranked = queries._ranked_customers

    def meanwhile(items: Any, reader: User) -> Any:
        found = list(ranked(items, reader))
        WorkItem.objects.all().delete()
        return found

    monkeypatch.setattr(queries, "_ranked_customers", meanwhile)
    assert queue(owner, on=DAY, limit=10) == []
