"""Who reports to whom at the larger customers, who decides, what they need and how they feel; the
sponsor who left and turned up at another customer; how many people a training reached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from perennial.customers.models import BuyingRole, Customer, Grade, Person, Sentiment, Touch
from perennial.customers.people.actions import Values, edit_person, move_person
from perennial.customers.touches import edit_touch
from perennial.demo.cast import CAST, OWNER, State
from perennial.demo.company.write import chance
from perennial.demo.moment import Moment
from perennial.demo.spoken import of_cast
from perennial.demo.words import Pair
from perennial.desk.models import CustomerFigures

LARGEST: Final = 12  # beside the cast
ADMINISTRATORS: Final = ("系统管理员", "System administrator", "信息部经理", "IT manager")
MOODS: Final = {
    State.BLOOMING: (Sentiment.WARM, Sentiment.WARM, Sentiment.NEUTRAL),
    State.WILTING: (Sentiment.COOL, Sentiment.COOL, Sentiment.NEUTRAL),
    State.UNHAPPY: (Sentiment.COOL, Sentiment.NEUTRAL, Sentiment.COOL),
}
USUAL: Final = (
    Sentiment.WARM,
    Sentiment.NEUTRAL,
    Sentiment.NEUTRAL,
    Sentiment.WARM,
    Sentiment.COOL,
)
PERSONAL: Final = (
    Pair("希望年底前升任运营副总，需要拿得出手的数据。",
         "Wants to become vice president this year and needs figures to show."),
    Pair("刚接手，想在前三个月做出一个看得见的成果。",
         "New in the job; wants one visible result in the first three months."),
    Pair("不想再在月底加班做报表。", "Is tired of month-end evenings spent on reports."),
    Pair("看重同行怎么做，愿意参加用户交流会。",
         "Looks at what peers do; likes to join user meetings."),
)  # fmt: skip
COMPANY: Final = (
    Pair("把老客户续约率从 82% 提到 90%。",
         "To raise the renewal rate of old clients from 82% to 90%."),
    Pair("两家分公司用同一套流程报价。", "Two branches that quote by the same process."),
    Pair("回款周期缩短十天。", "Cash that comes in ten days earlier."),
    Pair("新销售两周内能独立跟单。", "New sales people who work alone after two weeks."),
)  # fmt: skip
TRAINED: Final = re.compile(r"(\d+)\s*(?:人|people|new staff)")
TRAINED_DAYS: Final = 90


def know_people(now: Moment) -> None:
    """Org maps of the cast and of the largest others."""
    cast = [member.external_id for member in CAST]
    large = CustomerFigures.objects.exclude(customer__external_id__in=cast).exclude(stage="churned")
    known = large.filter(customer__owner__isnull=False).order_by("-arr", "pk")
    customers = list(
        Customer.objects.filter(external_id__in=cast).select_related("owner").order_by("pk")
    )
    customers += [row.customer for row in known.select_related("customer__owner")[:LARGEST]]
    for customer in customers:
        _map(customer, now=now)


def _map(customer: Customer, *, now: Moment) -> None:
    """S decide, A report to the first of them, B to one of A; the newest two stand apart."""
    people = list(customer.people.filter(to_on=None).order_by("external_id"))
    tops = [it for it in people if it.grade == Grade.S]
    middle = [it for it in people if it.grade == Grade.A]
    rng = chance(f"{now.seed}:org:{customer.external_id}")
    state = next((it.state for it in CAST if it.external_id == customer.external_id), None)
    moods = MOODS.get(state, USUAL) if state else USUAL
    below = 0
    for person in people:
        values: dict[str, object] = {"buying_role": _role(person, tops, middle)}
        values["sentiment"] = moods[int(rng.random() * len(moods))]
        manager: Person | None = None
        if person in middle and tops:
            manager = tops[0]
        elif person not in tops and middle:
            manager = middle[below % len(middle)] if rng.random() < 0.85 else None
            below += 1
        elif person in tops[1:] and "VP" in person.role:
            manager = tops[0]
        values["reports_to_id"] = manager.pk if manager else None
        if person in (*tops[:2], *middle[:1]):
            values["personal_needs"] = now.text(PERSONAL[rng.randrange(len(PERSONAL))])
            values["company_needs"] = now.text(COMPANY[rng.randrange(len(COMPANY))])
        _edit(person, values, now=now)


def _role(person: Person, tops: Sequence[Person], middle: Sequence[Person]) -> BuyingRole:
    if person in tops:
        return BuyingRole.DECISION_MAKER if person == tops[0] else BuyingRole.SPONSOR
    if person.role in ADMINISTRATORS:
        return BuyingRole.ADMIN
    if person in middle:
        return BuyingRole.CHAMPION if person == middle[0] else BuyingRole.INFLUENCER
    return BuyingRole.USER


def _edit(person: Person, values: Values, *, now: Moment) -> None:
    by = person.customer.owner or now.leader
    edit_person(person, values=values, version=person.version, by=by, at=now.at)


def follow_the_sponsor(now: Moment) -> None:
    """The sponsor who left one customer works for another one of the same CSM now."""
    wilting = of_cast(State.WILTING)
    left = wilting and wilting.people.filter(to_on__isnull=False).order_by("pk").first()
    cast = [member.external_id for member in CAST]
    others = Customer.objects.filter(owner__email=OWNER.email).exclude(external_id__in=cast)
    to = others.exclude(stage="churned").order_by("external_id").first()
    if wilting and left and left.to_on and to:
        by = wilting.owner
        move_person(left, to=to, left_on=left.to_on, version=left.version, by=by, at=now.at)


def count_trained(now: Moment) -> None:
    """Trainings of the last months say how many came, as their notes do."""
    since = now.at - timedelta(days=TRAINED_DAYS)
    touches = Touch.objects.filter(kind="training", happened_at__range=(since, now.at))
    for touch in touches.exclude(owner=None).select_related("owner").order_by("pk"):
        found = TRAINED.search(touch.note)
        if found and touch.owner:
            values = {"people_trained": int(found[1])}
            edit_touch(touch, values=values, version=touch.version, by=touch.owner, at=now.at)
