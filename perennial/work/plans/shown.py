"""Plans as their pages show them: goals with their progress, joint actions with what is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from perennial.work.models import Goal, Plan, PlanAction, Touchpoint
from perennial.work.plans.definitions import Kind, in_force
from perennial.work.plans.measured import INTERNAL
from perennial.work.plans.rules.progress import Progress, Standing, Whole, progress, whole
from perennial.work.plans.rules.touchpoints import Rule
from perennial.work.plans.wording import (
    KIND_ICONS,
    STANDINGS,
    STATE_TONES,
    TONES,
    in_language,
    kind_titles,
    source_title,
    value,
    why,
)


@dataclass(frozen=True, slots=True)
class GoalShown:
    """A goal in words; `points` are the values written down or measured, oldest first."""

    goal: Goal
    source: str
    progress: Progress
    standing: str
    tone: str
    why: str
    baseline: str
    current: str
    target: str
    points: list[float]

    @property
    def score(self) -> float | None:
        return self.progress.score

    @property
    def rate(self) -> float | None:
        return rate_of(self.score)

    @property
    def can_share(self) -> bool:
        return self.goal.metric not in INTERNAL


@dataclass(frozen=True, slots=True)
class ActionShown:
    """A joint action, and whether it is late."""

    action: PlanAction
    who: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan with its goals and joint actions. `tone` and `standing` are of the whole."""

    plan: Plan
    goals: list[GoalShown]
    ours: list[ActionShown]
    theirs: list[ActionShown]
    whole: Whole
    standing: str
    tone: str
    state_tone: str
    is_shared: bool = False

    @property
    def score(self) -> float | None:
        return self.whole.score

    @property
    def rate(self) -> float | None:
        return rate_of(self.score)

    @property
    def done(self) -> int:
        return sum(it.action.done_on is not None for it in (*self.ours, *self.theirs))

    @property
    def actions(self) -> int:
        return len(self.ours) + len(self.theirs)

    @property
    def late(self) -> int:
        return sum(it.is_late for it in (*self.ours, *self.theirs))


def shown(plan: Plan, *, today: date, is_shared: bool = False) -> PlanShown:
    """A plan that was read with its goals and actions (queries.whole_plans)."""
    goals = [goal_shown(it, plan, today=today) for it in plan.goals.all()]
    actions = [_action(it, plan, today=today) for it in plan.actions.all()]
    together = whole([it.progress for it in goals])
    standing = together.standing if plan.state == Plan.State.ACTIVE else Standing.UNKNOWN
    return PlanShown(
        plan,
        goals,
        [it for it in actions if it.action.side == PlanAction.Side.OURS],
        [it for it in actions if it.action.side == PlanAction.Side.THEIRS],
        together,
        str(STANDINGS[standing]) if goals and plan.state == Plan.State.ACTIVE else "",
        TONES[standing],
        STATE_TONES[plan.state],
        is_shared,
    )


def goal_shown(goal: Goal, plan: Plan, *, today: date) -> GoalShown:
    """How a goal of a plan stands."""
    goal.plan = plan
    found = progress(
        baseline=goal.baseline,
        target=goal.target,
        current=goal.current,
        starts_on=goal.baseline_on or plan.starts_on,
        due_on=goal.due_on or plan.ends_on,
        as_of=today,
    )
    return GoalShown(
        goal,
        source_title(goal),
        found,
        str(STANDINGS[found.standing]),
        TONES[found.standing],
        why(goal, found),
        value(goal, goal.baseline),
        value(goal, goal.current),
        value(goal, goal.target),
        [it.value for it in goal.readings.all()],
    )


def _action(action: PlanAction, plan: Plan, *, today: date) -> ActionShown:
    side = action.owner if action.side == PlanAction.Side.OURS else action.person
    late = action.done_on is None and action.due_on is not None and action.due_on < today
    return ActionShown(action, side.name if side else "", late and plan.state == Plan.State.ACTIVE)


@dataclass(frozen=True, slots=True)
class TouchpointShown:
    """A touchpoint in words. `touch` may have been the one that held it."""

    touchpoint: Touchpoint
    title: str
    icon: str
    tone: str
    is_late: bool
    touch: object | None = None


def touchpoints_shown(
    rows: Iterable[Touchpoint], *, today: date, near: Mapping[int, object] | None = None
) -> list[TouchpointShown]:
    """Touchpoints with the titles of their rules, in the reader's language."""
    titles = {name: it["title"] for name, it in in_force(Kind.TOUCHPOINTS).items()}
    return [
        TouchpointShown(
            it,
            in_language(it.title or titles.get(it.key.partition(":")[0]) or kind_titles()[it.kind]),
            KIND_ICONS[it.kind],
            STATE_TONES[it.state],
            it.state == Touchpoint.State.PLANNED and it.due_on < today,
            (near or {}).get(it.pk),
        )
        for it in rows
    ]


@dataclass(frozen=True, slots=True)
class SharedGoal:
    """A goal as the customer sees it."""

    title: str
    baseline: str
    current: str
    target: str
    due_on: date | None
    score: float | None
    standing: str
    tone: str


@dataclass(frozen=True, slots=True)
class SharedAction:
    """A joint action as the customer sees it."""

    pk: int
    title: str
    who: str
    due_on: date | None
    done_on: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class SharedPlan:
    """Everything that a customer sees of a plan, and nothing else: what is not in here cannot
    reach the page."""

    title: str
    customer: str
    starts_on: date
    ends_on: date | None
    success_words: str
    contact: str
    goals: Sequence[SharedGoal]
    ours: Sequence[SharedAction]
    theirs: Sequence[SharedAction]
    score: float | None
    done: int
    actions: int
    as_of: date | None

    @property
    def rate(self) -> float | None:
        return rate_of(self.score)


def shared(plan: Plan, *, today: date) -> SharedPlan:
    """The shared goals and joint actions of a plan, in the language in force."""
    whole_plan = shown(plan, today=today)
    goals = [it for it in whole_plan.goals if it.goal.is_shared and it.can_share]
    ours, theirs = (
        [_shared_action(it) for it in side if it.action.is_shared]
        for side in (whole_plan.ours, whole_plan.theirs)
    )
    contact = plan.owner or plan.customer.owner
    chinese = (get_language() or "").startswith("zh")
    english_name = plan.customer.name_en or plan.customer.name
    return SharedPlan(
        plan.title,
        plan.customer.name if chinese else english_name,
        plan.starts_on,
        plan.ends_on,
        plan.success_words,
        contact.name if contact else "",
        [_shared_goal(it) for it in goals],
        ours,
        theirs,
        whole([it.progress for it in goals]).score,
        sum(it.done_on is not None for it in (*ours, *theirs)),
        len(ours) + len(theirs),
        max((it.goal.current_on for it in goals if it.goal.current_on), default=None),
    )


def _shared_goal(it: GoalShown) -> SharedGoal:
    return SharedGoal(
        it.goal.title,
        it.baseline,
        it.current,
        it.target,
        it.goal.due_on,
        it.score,
        it.standing,
        it.tone,
    )


def _shared_action(it: ActionShown) -> SharedAction:
    action = it.action
    return SharedAction(action.pk, action.title, it.who, action.due_on, action.done_on, it.is_late)


def rule_days(rule: Rule) -> str:
    """`S 30 · A 90`: the days of a rule by tier."""
    return " · ".join(f"{tier} {days}" for tier, days in rule.days.items())


def rate_of(score: float | None) -> float | None:
    """0–100 as 0–1."""
    return None if score is None else score / 100
