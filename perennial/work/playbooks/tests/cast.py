"""What the tests of playbooks share: people, customers, and playbooks of a few steps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from perennial.customers.models import Customer
from perennial.team.models import Role, Team, User
from perennial.work.models import PlaybookVersion, StepRun, WorkItem
from perennial.work.playbooks.actions import publish_text

NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)  # Monday, 09:00 in Shanghai


def both(text: str) -> dict[str, str]:
    return {"zh": f"{text}（中）", "en": text}


def step(name: str, /, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": both(name), "text": both(f"do {name}"), "kind": "task", **more}


def outcome(name: str, then: str = "", when: str = "") -> dict[str, Any]:
    return {"id": name, "title": both(name), "then": then, "when": when}


def publish(name: str, *steps: dict[str, Any], **more: Any) -> PlaybookVersion:
    head = {"name": name, "title": both(name), "purpose": both("why")}
    made = publish_text({**head, "steps": list(steps), **more}, by=None, at=NOW)
    assert made is not None
    return made


def user(name: str, role: str = Role.CSM, team: Team | None = None) -> User:
    email = f"{name}@example.com"
    return User.objects.create(email=email, name=name, role=role, team=team)


def customer(name: str, owner: User | None, /, **more: Any) -> Customer:
    return Customer.objects.create(
        external_id=name, name=name, owner=owner, recorded_at=NOW, **more
    )


def item_of(run: Any, name: str) -> WorkItem:
    found = StepRun.objects.select_related("item").get(run=run, step=name).item
    assert found is not None
    return found


def states(run: Any) -> dict[str, str]:
    return dict(StepRun.objects.filter(run=run).values_list("step", "state"))
