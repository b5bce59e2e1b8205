"""What the web app and the mobile app of the demo company sent, as requests of the inbox.

Visits lie on days on which the server saw the person, too, so that nobody becomes active by
them. The cast is left out: its usage is what its story says.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from perennial.demo.company.write import chance
from perennial.demo.sources import Sent
from perennial.demo.words import Pair
from perennial.events.inbox.frames import Frame
from perennial.events.models import Source

APP: Final = "https://app.demo.invalid"
BROWSER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0 Safari/537.36"
CRAWLER: Final = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
# Visits of a person-day, and which names of events came or went how many days before the end.
WEB_RATE: Final = 0.62
MOBILE_RATE: Final = 0.3
NEW_DAYS, GONE_DAYS = 5, 19
NEW_NAME, GONE_NAME = "assistant_asked", "fax_sent"
MOBILE_WRONG_DAYS, MOBILE_SILENT_DAYS = 12, 4


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of the web app, its share of visits, and what is clicked there, with weights."""

    path: str
    title: Pair
    share: int
    clicks: tuple[tuple[str, Pair, int], ...]


SCREENS: Final = (
    Screen(
        "/reports/weekly",
        Pair("周报表", "Weekly report"),
        5,
        (
            ("weekly-report-open", Pair("打开周报表", "Open the weekly report"), 6),
            ("weekly-report-share", Pair("分享到企业微信", "Share to WeCom"), 2),
            ("report-export", Pair("导出 Excel", "Export to Excel"), 2),
        ),
    ),
    Screen(
        "/deals",
        Pair("商机", "Deals"),
        7,
        (
            ("save-deal", Pair("保存商机", "Save the deal"), 5),
            ("deal-stage", Pair("推进阶段", "Move the stage"), 4),
            ("deal-board", Pair("看板视图", "Board view"), 2),
        ),
    ),
    Screen(
        "/approvals",
        Pair("审批", "Approvals"),
        4,
        (
            ("approve", Pair("同意", "Approve"), 6),
            ("reject", Pair("驳回", "Reject"), 1),
            ("approval-batch", Pair("批量处理", "Handle all"), 1),
        ),
    ),
    Screen(
        "/settings/automation",
        Pair("自动化规则", "Automation rules"),
        1,
        (("automation-save", Pair("启用规则", "Turn the rule on"), 3),),
    ),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which the server saw somebody, and when first."""

    customer: str
    person: str
    at: datetime
    days_ago: int


class Wire:
    """Requests of the sources, drawn by one random generator: same visits, same requests."""

    def __init__(self, sources: Mapping[Sent, Source], *, seed: int, language: str) -> None:
        self._pks = {sent: source.pk for sent, source in sources.items()}
        self._rng = chance(f"{seed}:wire")
        self._language = language
        self._number = 0

    def requests(self, visits: Sequence[Visit]) -> list[Frame]:
        """All of them, in the order of arrival."""
        frames = [frame for visit in visits for frame in self._of(visit)]
        return sorted(frames, key=lambda frame: frame.received_us)

    def traits(self, said: Sequence[tuple[Sent, dict[str, Any]]], *, at: datetime) -> list[Frame]:
        """Group and identify calls."""
        return [self._frame(sent, [item], at) for sent, item in said]

    def _of(self, visit: Visit) -> Iterator[Frame]:
        if self._rng.random() < WEB_RATE:
            yield self._frame(Sent.WEB, list(self._web(visit)), visit.at + self._wait(90))
        if visit.days_ago >= MOBILE_SILENT_DAYS and self._rng.random() < MOBILE_RATE:
            at = visit.at + self._wait(3_000)
            yield self._frame(Sent.MOBILE, list(self._mobile(visit)), at)

    def visitors(self, ends_at: datetime) -> list[Frame]:
        """Who is not known: visitors before they log in, people of a customer that nobody has
        written down yet, and a crawler."""
        frames = []
        for number in range(14):
            items = list(self._unknown({"anonymousId": f"visitor-{number:02d}"}))
            frames.append(self._frame(Sent.WEB, items, ends_at - self._wait(500_000)))
        for number in range(9):
            who = {"userId": f"trial-{number:02d}", "groupId": f"T20{number % 3 + 1}"}
            frames.append(
                self._frame(
                    Sent.WEB,
                    [
                        {"type": "group", **who, "traits": {"name": self._trial(number % 3)}},
                        *self._unknown(who),
                    ],
                    ends_at - self._wait(400_000),
                )
            )
        items = list(self._unknown({"anonymousId": "crawler"}))
        frames.append(self._frame(Sent.WEB, items, ends_at - self._wait(300_000), agent=CRAWLER))
        return sorted(frames, key=lambda frame: frame.received_us)

    def _trial(self, number: int) -> str:
        names = (Pair("苏州云岭试用", "Yunling (trial)"), Pair("宁波海拓试用", "Haituo (trial)"))
        return (*names, Pair("合肥星驰试用", "Xingchi (trial)"))[number].text(self._language)

    def _web(self, visit: Visit) -> Iterator[dict[str, Any]]:
        who = {"userId": visit.person, "groupId": visit.customer}
        for screen in self._rng.choices(SCREENS, [it.share for it in SCREENS], k=2):
            yield from self._screen(screen, who)
        if visit.days_ago <= NEW_DAYS and self._rng.random() < 0.25:
            yield {"type": "track", "event": NEW_NAME, **who, "properties": {"topic": "forecast"}}
        if visit.days_ago >= GONE_DAYS and self._rng.random() < 0.1:
            yield {"type": "track", "event": GONE_NAME, **who}

    def _unknown(self, who: dict[str, str]) -> Iterator[dict[str, Any]]:
        for screen in self._rng.sample(SCREENS, 2):
            yield from self._screen(screen, who)

    def _screen(self, screen: Screen, who: dict[str, str]) -> Iterator[dict[str, Any]]:
        seen = {
            "url": APP + screen.path,
            "path": screen.path,
            "title": screen.title.text(self._language),
        }
        yield {"type": "page", **who, "properties": seen}
        weights = [weight for *_, weight in screen.clicks]
        for mark, text, _ in self._rng.choices(screen.clicks, weights, k=self._rng.randint(1, 3)):
            yield {
                "type": "track",
                "event": "$click",
                **who,
                "properties": seen
                | {
                    "selector": f'main>button[data-feature="{mark}"]',
                    "tag": "button",
                    "feature": mark,
                    "text": text.text(self._language),
                },
            }

    def _mobile(self, visit: Visit) -> Iterator[dict[str, Any]]:
        """Check-ins on the road; since its last release some items are wrong."""
        who = {"userId": visit.person, "groupId": visit.customer}
        for _ in range(self._rng.randint(1, 3)):
            item: dict[str, Any] = {"type": "track", "event": "visit_checked_in", **who}
            if visit.days_ago < MOBILE_WRONG_DAYS and self._rng.random() < 0.3:
                item |= self._rng.choices(
                    ({"type": "trak"}, {"properties": "iOS 5.2"}, {"event": ""}), (5, 3, 1)
                )[0]
            yield item

    def _frame(
        self, sent: Sent, items: list[dict[str, Any]], at: datetime, *, agent: str = BROWSER
    ) -> Frame:
        """A batch that arrives some seconds after its last item; now and then the phone was off."""
        for back, item in enumerate(reversed(items)):
            self._number += 1
            happened = at - timedelta(seconds=20 * back + 2)
            item |= {"messageId": f"demo-{self._number}", "timestamp": _iso(happened)}
        if sent is Sent.MOBILE and self._rng.random() < 0.06:
            at += self._wait(8 * 3_600)
        body = {"batch": items, "sentAt": _iso(at)}
        return Frame(
            received_us=int(at.timestamp() * 1e6),
            source=self._pks[sent],
            route="batch",
            agent=agent,
            body=json.dumps(body, ensure_ascii=False).encode(),
        )

    def _wait(self, seconds: float) -> timedelta:
        return timedelta(seconds=self._rng.random() * seconds)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
