"""Who may see what: the role decides the pages, the scope decides the customers.

own   the customers whose CSM is the user, or an absent colleague whom the user stands in for
team  the customers whose CSM is in the user's team, and the team's unassigned ones
all   every customer
Documented as a matrix in docs/guide/access.md, which a test compares with PAGES.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from perennial.team.models import Absence, Role, User
from perennial.units.moment import business_day


class Scope(StrEnum):
    OWN = "own"
    TEAM = "team"
    ALL = "all"
    NONE = "none"


class Page(StrEnum):
    """What a role may open or do; pages and actions share one list."""

    TODAY = "today"
    CUSTOMERS = "customers"
    EDIT_CUSTOMERS = "edit_customers"
    COMMENT = "comment"
    REVENUE = "revenue"
    COMPANY_REVENUE = "company_revenue"
    REVENUE_DECISIONS = "revenue_decisions"
    UPSELL_CREDIT = "upsell_credit"
    IMPORTS = "imports"
    EXPORT = "export"
    METRICS = "metrics"
    METRIC_DEFINITIONS = "metric_definitions"
    HEALTH = "health"
    HEALTH_DEFINITIONS = "health_definitions"
    RISK = "risk"
    ALERT_RULES = "alert_rules"
    CUSTOMER_RULES = "customer_rules"
    MERGE_CUSTOMERS = "merge_customers"
    PLAYBOOKS = "playbooks"
    WORK_DEFINITIONS = "work_definitions"
    TEAM_BOARD = "team_board"
    SOURCES = "sources"
    DATA_QUALITY = "data_quality"
    USERS = "users"
    SETTINGS = "settings"
    AUDIT = "audit"


_SCOPES = {
    Role.ADMIN: Scope.ALL,
    Role.LEADER: Scope.TEAM,
    Role.CSM: Scope.OWN,
    Role.FINANCE: Scope.ALL,
    Role.SUPPORT: Scope.ALL,
    Role.VIEWER: Scope.ALL,
}

_EVERYONE = frozenset(Role)
_DOERS = frozenset({Role.ADMIN, Role.LEADER, Role.CSM})
PAGES: dict[Page, frozenset[Role]] = {
    Page.TODAY: _EVERYONE,
    Page.CUSTOMERS: _EVERYONE,
    Page.EDIT_CUSTOMERS: _DOERS,
    Page.COMMENT: _EVERYONE - {Role.VIEWER},
    Page.REVENUE: frozenset({Role.ADMIN, Role.LEADER, Role.CSM, Role.FINANCE}),
    Page.COMPANY_REVENUE: frozenset({Role.ADMIN, Role.LEADER, Role.FINANCE}),
    Page.REVENUE_DECISIONS: frozenset({Role.ADMIN, Role.FINANCE}),
    Page.UPSELL_CREDIT: frozenset({Role.ADMIN, Role.LEADER, Role.FINANCE}),
    Page.IMPORTS: frozenset({Role.ADMIN}),
    Page.EXPORT: frozenset({Role.ADMIN, Role.LEADER, Role.CSM, Role.FINANCE}),
    Page.METRICS: _EVERYONE,
    Page.METRIC_DEFINITIONS: frozenset({Role.ADMIN, Role.LEADER}),
    Page.HEALTH: _EVERYONE,
    Page.HEALTH_DEFINITIONS: frozenset({Role.ADMIN, Role.LEADER}),
    Page.RISK: frozenset({Role.ADMIN, Role.LEADER, Role.FINANCE}),
    Page.ALERT_RULES: frozenset({Role.ADMIN, Role.LEADER}),
    Page.CUSTOMER_RULES: frozenset({Role.ADMIN, Role.LEADER}),
    Page.MERGE_CUSTOMERS: frozenset({Role.ADMIN, Role.LEADER}),
    Page.PLAYBOOKS: _EVERYONE,
    Page.WORK_DEFINITIONS: frozenset({Role.ADMIN, Role.LEADER}),
    Page.TEAM_BOARD: frozenset({Role.ADMIN, Role.LEADER}),
    Page.SOURCES: frozenset({Role.ADMIN}),
    Page.DATA_QUALITY: frozenset({Role.ADMIN, Role.LEADER, Role.SUPPORT}),
    Page.USERS: frozenset({Role.ADMIN}),
    Page.SETTINGS: frozenset({Role.ADMIN}),
    Page.AUDIT: frozenset({Role.ADMIN, Role.LEADER}),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a gate needs to know: how far, and from whom. `books`: the colleagues, by id, whose
    customers count as the user's own today: the user, and those whom the user stands in for."""

    scope: Scope
    user_id: int
    team_id: int | None
    books: tuple[int, ...]


def scope(user: User) -> Reach:
    """How far this user sees. An inactive user, or a leader without a team, sees nothing."""
    reach = _SCOPES[Role(user.role)] if user.is_active else Scope.NONE
    if reach is Scope.TEAM and user.team_id is None:
        reach = Scope.OWN
    return Reach(reach, user.pk, user.team_id, books(user))


def books(user: User) -> tuple[int, ...]:
    """Whose customers are this user's own today, by id: the user's, and those of absent colleagues
    whom the user stands in for. It does not carry on: who stands in for B does not see what B
    sees for A. Asked once for a user as loaded, so once in a request."""
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    if user.books_of_a_day is None or user.books_of_a_day[0] != today:
        absent = Absence.objects.filter(
            stand_in=user.pk, from_on__lte=today, until_on__gt=today, ended_at__isnull=True
        )
        ids = absent.order_by("user").values_list("user", flat=True)
        user.books_of_a_day = (today, (user.pk, *ids.distinct()))
    return user.books_of_a_day[1]


def can(user: User, page: Page) -> bool:
    return user.is_active and Role(user.role) in PAGES[page]


def require(user: User, page: Page) -> None:
    """Raise PermissionDenied (403) when the role may not open this page."""
    if not can(user, page):
        raise PermissionDenied


def sees_money(user: User) -> bool:
    """Support and viewers see no amounts."""
    return can(user, Page.REVENUE)
