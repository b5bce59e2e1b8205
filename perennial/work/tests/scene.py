"""Two departments: the CSM of a customer in the East, engineers of another team without any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from perennial.customers.models import Customer
from perennial.team.models import Role, Team, User
from perennial.work.models import Lane, Reason, WorkItem

NOW = datetime(2026, 7, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai
TODAY = date(2026, 7, 1)


@dataclass(frozen=True, slots=True)
class Office:
    owner: User
    colleague: User
    engineer: User
    tester: User
    viewer: User
    outsider: User
    engineers: Team
    customer: Customer
    other: Customer


def user(name: str, role: str = Role.CSM, team: Team | None = None) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name, role=role, team=team)


def customer(name: str, owner: User | None) -> Customer:
    return Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)


def office() -> Office:
    east, engineers = Team.objects.create(name="East"), Team.objects.create(name="Engineers")
    owner = user("owner", team=east)
    return Office(
        owner=owner,
        colleague=user("leader", Role.LEADER, east),
        engineer=user("engineer", team=engineers),
        tester=user("tester", team=engineers),
        viewer=user("viewer", Role.VIEWER, engineers),
        outsider=user("outsider"),
        engineers=engineers,
        customer=customer("北京卓泽", owner),
        other=customer("深圳铭森", owner),
    )


def found_item(of: Customer, reason: Reason = Reason.USAGE_DROP) -> WorkItem:
    """One that the day found."""
    return WorkItem.objects.create(
        customer=of,
        reason=reason,
        kind="sudden" if reason == Reason.USAGE_DROP else "",
        lane=Lane.RISK,
        params={"days": 7, "expected": 120, "observed": 42, "drop_rate": 0.65},
        terms={
            "stake": None,
            "stand_in": None,
            "severity_rate": 0.6,
            "chance_rate": 0.3,
            "urgency_rate": 0.5,
            "effort_hours": 2.0,
        },
        rank_value=0.05,
        raised_on=TODAY,
        last_fired_on=TODAY,
    )
