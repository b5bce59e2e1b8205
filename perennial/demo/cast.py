"""The cast: eight customers, each one state of the world, and the people who look after them.

Tests, docs, screenshots and the demo share them. Days count from the last day of the data
(`end_on`), so that every state stays true whenever the demo is made.
"""

from dataclasses import dataclass
from enum import StrEnum

from perennial.demo.words import Pair


class State(StrEnum):
    """What is going on at a customer of the cast."""

    BLOOMING = "blooming"  # grows, bought more, promotes us
    WILTING = "wilting"  # usage fell three weeks ago, the sponsor left, renewal is near
    PLANTED = "planted"  # signed twelve days ago
    DUE = "due"  # steady, the renewal is due in three weeks
    SILENT = "silent"  # pays, but nobody has used it for eleven weeks
    LOST = "lost"  # usage faded, the renewal was lost forty days ago
    UNHAPPY = "unhappy"  # uses it, but complains, scores 3 and does not pay
    PAUSED = "paused"  # service paused for the off season


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user of the demo. `role` is a role of team.User; `team` is None for company-wide roles."""

    email: str
    name: Pair
    role: str
    team: Pair | None = None
    share: int = 0  # weight of the book when customers are spread over the CSMs


@dataclass(frozen=True, slots=True)
class Fall:
    """Usage falls to 1 − depth of its level over `ramp_days`, beginning `days_ago`."""

    days_ago: int
    depth: float
    ramp_days: int = 0


@dataclass(frozen=True, slots=True)
class CastCustomer:
    """A customer of the cast. Amounts in CNY a year; terms are twelve months long."""

    state: State
    external_id: str
    name: Pair
    industry: str  # Chinese name, as in words/companies.yaml
    city: str
    owner: str
    tier: str
    arr: int
    seats: int
    products: tuple[str, ...]
    terms: int  # signed so far, the current or last one included
    due_in_days: int  # last day of service of the last term; negative: passed
    quality: float  # latent quality, 0 is ordinary
    grows_rate: float = 0.0  # at each renewal
    fall: Fall | None = None
    sponsor_left_days_ago: int | None = None
    paused_days_ago: int | None = None
    score: int | None = None  # the sponsor's last NPS answer


EAST, SOUTH = Pair("华东团队", "East team"), Pair("华南团队", "South team")
OWNER = Colleague("owner@demo.invalid", Pair("林晓", "Lin Xiao"), "csm", EAST, 17)
TEAMMATE = Colleague("teammate@demo.invalid", Pair("王雨桐", "Wang Yutong"), "csm", SOUTH, 20)
OUTSIDER = Colleague("outsider@demo.invalid", Pair("周航", "Zhou Hang"), "csm")
LEADER = Colleague("leader@demo.invalid", Pair("陈思远", "Chen Siyuan"), "leader", EAST)
ADMIN = Colleague("admin@demo.invalid", Pair("何静", "He Jing"), "admin")
FINANCE = Colleague("finance@demo.invalid", Pair("孙嘉怡", "Sun Jiayi"), "finance")
SUPPORT = Colleague(
    "support@demo.invalid", Pair("唐悦", "Tang Yue"), "support", Pair("技术支持", "Support")
)
COLLEAGUES = (
    OWNER,
    TEAMMATE,
    OUTSIDER,
    LEADER,
    ADMIN,
    FINANCE,
    Colleague("zhao@demo.invalid", Pair("赵一鸣", "Zhao Yiming"), "csm", EAST, 20),
    Colleague("zheng@demo.invalid", Pair("郑凯", "Zheng Kai"), "csm", EAST, 13),
    Colleague("xu@demo.invalid", Pair("许安", "Xu An"), "csm", SOUTH, 16),
    Colleague("liang@demo.invalid", Pair("梁敏", "Liang Min"), "csm", SOUTH, 8),
    SUPPORT,
)
CSMS = tuple(colleague for colleague in COLLEAGUES if colleague.share)

CAST = (
    CastCustomer(
        state=State.BLOOMING,
        external_id="C0001",
        name=Pair("杭州青禾智造", "Qinghe Manufacturing"),
        industry="高端制造",
        city="杭州",
        owner=OWNER.email,
        tier="S",
        arr=460_000,
        seats=160,
        products=("CRM", "OA", "BI"),
        terms=3,
        due_in_days=203,
        quality=1.8,
        grows_rate=0.22,
        score=10,
    ),
    CastCustomer(
        state=State.WILTING,
        external_id="C0002",
        name=Pair("深圳铭森教育", "Mingsen Education"),
        industry="教育培训",
        city="深圳",
        owner=OWNER.email,
        tier="A",
        arr=385_000,
        seats=140,
        products=("CRM", "OA"),
        terms=2,
        due_in_days=48,
        quality=-0.4,
        fall=Fall(days_ago=22, depth=0.75, ramp_days=4),
        sponsor_left_days_ago=26,
        score=7,
    ),
    CastCustomer(
        state=State.PLANTED,
        external_id="C0003",
        name=Pair("成都新芽医疗", "Xinya Medical"),
        industry="医疗健康",
        city="成都",
        owner=OWNER.email,
        tier="B",
        arr=72_000,
        seats=26,
        products=("CRM",),
        terms=1,
        due_in_days=352,
        quality=0.6,
    ),
    CastCustomer(
        state=State.DUE,
        external_id="C0004",
        name=Pair("北京卓泽科技", "Zhuoze Technology"),
        industry="信息技术",
        city="北京",
        owner=OWNER.email,
        tier="A",
        arr=264_000,
        seats=96,
        products=("CRM", "BI"),
        terms=3,
        due_in_days=21,
        quality=0.7,
        score=8,
    ),
    CastCustomer(
        state=State.SILENT,
        external_id="C0005",
        name=Pair("南京静远物流", "Jingyuan Logistics"),
        industry="物流运输",
        city="南京",
        owner=TEAMMATE.email,
        tier="C",
        arr=36_000,
        seats=13,
        products=("CRM",),
        terms=2,
        due_in_days=131,
        quality=-0.6,
        fall=Fall(days_ago=78, depth=1.0),
    ),
    CastCustomer(
        state=State.LOST,
        external_id="C0006",
        name=Pair("沈阳北辰食品", "Beichen Foods"),
        industry="零售快消",
        city="沈阳",
        owner=OWNER.email,
        tier="B",
        arr=86_000,
        seats=32,
        products=("CRM", "OA"),
        terms=2,
        due_in_days=-40,
        quality=-0.9,
        fall=Fall(days_ago=150, depth=0.8, ramp_days=60),
    ),
    CastCustomer(
        state=State.UNHAPPY,
        external_id="C0007",
        name=Pair("武汉百川医疗", "Baichuan Medical"),
        industry="医疗健康",
        city="武汉",
        owner=TEAMMATE.email,
        tier="A",
        arr=298_000,
        seats=108,
        products=("CRM", "OA"),
        terms=2,
        due_in_days=96,
        quality=-0.9,
        score=3,
    ),
    CastCustomer(
        state=State.PAUSED,
        external_id="C0008",
        name=Pair("厦门鹭岛餐饮", "Ludao Catering"),
        industry="餐饮酒店",
        city="厦门",
        owner=OWNER.email,
        tier="B",
        arr=54_000,
        seats=20,
        products=("OA",),
        terms=2,
        due_in_days=170,
        quality=0.2,
        paused_days_ago=20,
    ),
)


def customer(state: State) -> CastCustomer:
    """The customer of the cast in that state."""
    return next(member for member in CAST if member.state is state)
