"""Brings the demo company's intake to life: what arrived, and what people made of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from perennial.demo.captured import Visit, Wire
from perennial.demo.cast import CAST
from perennial.demo.company.features import NAMES
from perennial.demo.company.write import chance
from perennial.demo.sources import Sent, first_day, record_arrivals
from perennial.demo.words import Pair
from perennial.events.actions.features import change_feature, name_feature, track_features
from perennial.events.inbox.frames import Frame, pack
from perennial.events.inbox.segments import Segment
from perennial.events.intake.loading import inbox_folder, load
from perennial.events.models import Feature, Source
from perennial.events.rules.features import CLICK, VIEW, FeatureRule
from perennial.events.store import open_store
from perennial.metrics.actions import define_metric, set_goal
from perennial.metrics.rules.own import GoalDefinition, OwnDefinition
from perennial.team.models import User
from perennial.units.moment import day_end

TRYING: Final = 30  # customers who try the web app
VISITS: Final = 3_000  # at most, so that the demo is made fast
LATELY: Final = timedelta(days=1)  # in a file of the inbox of its own, which the live view keeps
DEEP: Final = (
    "report_built",
    "data_source_connected",
    "metric_defined",
    "forecast_viewed",
    "alert_configured",
    "form_designed",
)
NAMED: Final = (
    (Pair("打开周报表", "Open weekly report"), CLICK, "weekly-report-open", "", False),
    (Pair("保存商机", "Save deal"), CLICK, "save-deal", "", False),
    (Pair("启用自动化规则", "Turn on automation"), CLICK, "automation-save", "", True),
    (Pair("查看审批", "View approvals"), VIEW, "", "/approvals*", False),
)
OWN: Final = OwnDefinition(
    name="weekly_report_uses",
    title_zh="周报表使用次数",
    title_en="Uses of the weekly report",
    base="event_count",
    event="report_viewed",
    window_days=7,
    unit_zh="次",
    unit_en="uses",
)
GOALS: Final = (
    GoalDefinition("team_uses_it", "团队在用", "The team uses it", "active_people", 5),
    GoalDefinition(
        "depends_on_it", "工作离不开", "Work depends on it", "deep_use_count", 3, window_days=28
    ),
    GoalDefinition(
        "reads_reports",
        "每周看报表",
        "Reads reports every week",
        OWN.name,
        3,
        window_days=7,
        segment="1;tier.in.S,A",
    ),
)


def receive(sources: dict[Sent, Source], *, end_on: date, seed: int, language: str) -> None:
    """Everything that browsers and phones sent, through the inbox into the store."""
    record_arrivals(sources[Sent.SERVER], end_on=end_on)
    wire = Wire(sources, seed=seed, language=language)
    ends_at = day_end(end_on, settings.PERENNIAL_TIME_ZONE)
    visits = _visits(end_on, seed=seed)
    said = _said(visits)
    frames = wire.requests(visits)
    frames += wire.traits(said, at=ends_at - timedelta(days=20))
    frames += wire.visitors(ends_at)
    frames.sort(key=lambda frame: frame.received_us)
    end_us, lately_us = (_micros(at) for at in (ends_at, ends_at - LATELY))
    _put([frame for frame in frames if frame.received_us < lately_us])
    _put([frame for frame in frames if lately_us <= frame.received_us < end_us])
    load(open_store())


def _visits(end_on: date, *, seed: int) -> list[Visit]:
    """Days of the people who used the server most lately, at customers outside of the cast."""
    first_on = first_day(end_on)
    with open_store().reading("events", first_on=first_on, last_on=end_on) as session:
        rows = session.rows(
            "WITH trying AS (SELECT customer FROM events WHERE NOT list_contains($1, customer) "
            "GROUP BY customer ORDER BY count(*) DESC, customer LIMIT $2) "
            "SELECT customer, person, day, epoch_us(min(ts)) "
            "FROM events SEMI JOIN trying USING (customer) "
            "WHERE person IS NOT NULL GROUP BY ALL ORDER BY ALL",
            [[member.external_id for member in CAST], TRYING],
        )
    rows = chance(f"{seed}:visits").sample(rows, min(VISITS, len(rows)))
    return [
        Visit(customer, person, datetime.fromtimestamp(us / 1e6, UTC), (end_on - day).days)
        for customer, person, day, us in rows
    ]


def _said(visits: list[Visit]) -> list[tuple[Sent, dict[str, object]]]:
    """What the server and the browsers say of customers: the browser's word is only claimed."""
    said: list[tuple[Sent, dict[str, object]]] = []
    trying = sorted({visit.customer for visit in visits})[:5]
    for customer in [*(member.external_id for member in CAST[:3]), *trying]:
        about = {"type": "group", "groupId": customer, "userId": f"{customer}-U001"}
        sure: dict[str, object] = {"workspaces": 4, "single_sign_on": customer not in trying}
        if customer in trying:
            sure["plan"] = "professional"
        said.append((Sent.SERVER, about | {"traits": sure}))
        said.append((Sent.WEB, about | {"traits": {"language": "zh-CN", "plan": "enterprise"}}))
    return said


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1e6)


def _put(frames: list[Frame]) -> None:
    folder = inbox_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    segment = Segment(folder)
    try:
        segment.write(b"".join(pack(frame) for frame in frames))
    finally:
        segment.seal()


@transaction.atomic
def define(*, language: str, by: User, at: datetime) -> None:
    """Features that somebody named after they were clicked, deep ones, an own metric, goals."""
    for name, event, mark, url, deep in NAMED:
        selector = f'*button[data-feature="{mark}"]' if mark else ""
        rule = FeatureRule(event, selector, url)
        name_feature(name.text(language), rule=rule, deep=deep, by=by, at=at)
    track_features(NAMES)
    for feature in Feature.objects.filter(name__in=DEEP):
        change_feature(feature, deep=True, by=by, at=at)
    define_metric(OWN, by=by, at=at)
    for goal in GOALS:
        set_goal(goal, by=by, at=at)
