"""What people of the demo company decided about health and alerts while its days went by: between
the runs of the days, so that each day judges by what held on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from perennial.alerts.actions import judge_alert, keep_rule, keep_window
from perennial.alerts.models import Alert, Rule
from perennial.alerts.rules.definitions import RuleDefinition, WindowDefinition
from perennial.customers.models import Customer
from perennial.demo.calendar import SPRING_FESTIVALS
from perennial.demo.cast import LEADER, State, customer
from perennial.demo.finance import morning
from perennial.demo.moment import Moment
from perennial.demo.plans import agree, hold_touchpoints
from perennial.demo.spoken import hold, place, tell
from perennial.demo.ways_in import bring_in, deliver, hand_over
from perennial.demo.words import Pair
from perennial.demo.workspace.days import work
from perennial.health.actions.profiles import publish, save_draft
from perennial.health.classes.actions import publish as publish_classes
from perennial.health.classes.rules.definition import FIT, plain
from perennial.health.classes.rules.shipped import SUGGESTED
from perennial.health.models import ProfileVersion
from perennial.health.queries.profiles import versions_of
from perennial.health.rules.defaults import PRE_RENEWAL, STEADY
from perennial.team.models import DayRun, User

OWN_RULE: Final = RuleDefinition(
    name="large_and_few_seats",
    title_zh="大客户席位用得少",
    title_en="Large customer, few seats in use",
    enter="1;arr.gte.150000;seats.lt.0.25",
    leave="1;arr.gte.150000;seats.lt.0.35",
    severity_rate=0.6,
)
FESTIVAL: Final = Pair("春节前后", "Around Spring Festival")
OFF_SEASON: Final = Pair("客户淡季停业", "Closed for the off season")
SEATS_WEIGH: Final = Pair(
    "上季流失的客户里席位使用下降最早：席位使用权重提高。",
    "Of last quarter's losses seat use fell first: it weighs more.",
)
FITTING: Final = Pair("先按席位数界定目标客户", "To begin with, seats say whom we serve")
RIGHT: Final = Pair("已核实，确有其事。", "Checked: it is so.")
WRONG: Final = Pair("对方只是休假，已恢复。", "They were on holiday and are back.")
DROPS_SPOKEN_OF, OTHERS_SPOKEN_OF = 16, 8


def before(days_back: int, *, end_on: date, seed: int, language: str, at: datetime) -> None:
    """Decide what was decided by the end of that day, before it is run."""
    leader = User.objects.filter(email=LEADER.email).first()
    if leader is None or not DayRun.objects.exists():
        return  # on the first day there is nothing to act on yet
    day_at = morning(end_on - timedelta(days=days_back), at=at)
    now = Moment(day_at, end_on, seed, language, leader)
    with transaction.atomic():
        if decide := DECISIONS.get(days_back):
            decide(now)
        work(now, days_back=days_back)


def _begin(now: Moment) -> None:
    """Four weeks before the end: opinions, an own rule, quiet days, whom we serve."""
    keep_rule(OWN_RULE, by=now.leader, at=now.at)
    festival = max(it for it in SPRING_FESTIVALS if it <= now.end_on)
    _quiet(FESTIVAL, festival - timedelta(days=7), festival + timedelta(days=14), now=now)
    paused = customer(State.PAUSED)
    _quiet(OFF_SEASON, now.end_on - timedelta(days=paused.paused_days_ago or 0),
           now.end_on + timedelta(days=60), now=now, of=paused.external_id)  # fmt: skip
    publish_classes(
        FIT, plain(SUGGESTED[FIT]), note=FITTING.text(now.language), by=now.leader, at=now.at
    )
    place(language=now.language, by=now.leader, at=now.at)
    bring_in(end_on=now.end_on, language=now.language, leader=now.leader, at=now.at)
    tell(end_on=now.end_on, seed=now.seed, language=now.language, at=now.at)
    agree(end_on=now.end_on, language=now.language, at=now.at)


def _quiet(title: Pair, from_on: date, to_on: date, *, now: Moment, of: str = "") -> None:
    window = WindowDefinition(title.text(now.language), from_on, to_on, of)
    if not of or Customer.objects.filter(external_id=of).exists():
        keep_window(window, by=now.leader, at=now.at)


def _publish(now: Moment) -> None:
    """A second version of the steady profile, with its reason."""
    draft = _draft(_STEADY_NAME, weights={"seat_use": 24, "active_days": 4}, now=now)
    note = SEATS_WEIGH.text(now.language)
    publish(draft.name, edits=draft.edits, note=note, by=now.leader, at=now.at)
    hand_over(language=now.language, leader=now.leader, at=now.at)
    deliver(end_on=now.end_on, language=now.language, leader=now.leader, at=now.at)


def _hold(now: Moment) -> None:
    hold(language=now.language, by=now.leader, at=now.at)


def _finish(now: Moment) -> None:
    """A draft that waits for its author, and what was made of the alerts."""
    weights = {"volume_trend": 30, "key_contact": 16, "value_perception": 12}
    _draft(_RENEWAL_NAME, weights=weights, bands=[55, 80], now=now)
    raised = Alert.objects.exclude(customer=None).order_by("-raised_on", "pk")
    of_drops = raised.filter(rule=Rule.USAGE_DROP)[:DROPS_SPOKEN_OF]
    others = raised.exclude(rule=Rule.USAGE_DROP)[:OTHERS_SPOKEN_OF]
    for alert in [*of_drops, *others]:
        was_right = alert.rule != Rule.USAGE_DROP or alert.resolved_on is None
        note = (RIGHT if was_right else WRONG).text(now.language)
        by = alert.customer.owner if alert.customer and alert.customer.owner else now.leader
        judge_alert(alert, was_right=was_right, note=note, by=by, at=now.at)
    hold_touchpoints(end_on=now.end_on, at=now.at)


def _draft(
    name: str, *, weights: Mapping[str, int], now: Moment, bands: list[int] | None = None
) -> ProfileVersion:
    """A draft of what is in force, with some weights of its own."""
    newest = versions_of(name)[0].definition
    measures: Any = newest["measures"]
    changed = [it | {"weight": weights.get(it["id"], it["weight"])} for it in measures]
    definition = {**newest, "measures": changed}
    if bands:
        definition["bands"] = bands
    return save_draft(name, definition=definition, edits=0, by=now.leader, at=now.at)


_STEADY_NAME, _RENEWAL_NAME = STEADY["name"], PRE_RENEWAL["name"]
# How many days before the end; each is a day that is run.
DECISIONS: Final[Mapping[int, Callable[[Moment], None]]] = {
    24: _begin,
    5: _publish,
    4: _hold,
    0: _finish,
}
