"""Segments and a view that colleagues share, a group of companies, two records of one company,
and why silent customers are silent."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings
from django.http import QueryDict

from perennial.connectors.actions import import_file
from perennial.connectors.options import Options
from perennial.customers.kinship import link_customers, set_parent
from perennial.customers.models import Customer, SilenceReason
from perennial.customers.segments.actions import Wanted, make_segment
from perennial.customers.silences import say_why
from perennial.demo.cast import CAST, OWNER, State, customer
from perennial.demo.moment import Moment
from perennial.demo.spoken import of_cast
from perennial.demo.words import Pair
from perennial.desk.customers import read_state
from perennial.desk.keeping import make_view
from perennial.desk.models import CustomerFigures
from perennial.units.progress import silent

SEGMENTS: Final = (
    Wanted(
        "renewal_cold", "三个月内续约却久未联系", "Renewal near, no contact",
        "1;renewal.within.90;renewed.is.no;touch.older.30",
        "每周一晨会先过这一组 · Monday's meeting begins with these",
    ),
    Wanted(
        "key_few_seats", "重点客户席位闲置", "Key accounts with idle seats",
        "1;tier.in.S,A;seats.lt.0.4;stage.not.churned",
        "席位培训的名单 · whom to invite to the seat training",
    ),
)  # fmt: skip
VIEW: Final = Pair("晨会：红色大客户", "Monday: large and red")
VIEW_QUERY: Final = "filter=1;tier.in.S,A;band.in.red&sort=-at_risk"
# The same companies once more, from a list of the sales team.
TWICE: Final = (State.DUE, State.UNHAPPY)
SALES_LIST: Final = Pair("销售名单.csv", "sales-list.csv")
FRAMEWORK: Final = Pair("给集团各厂供货", "Supplies the plants of the group")
WHY: Final = (
    (SilenceReason.PERSON_LEFT, Pair(
        "原来的管理员离职，没人接手。", "The administrator left; nobody took over.")),
    (SilenceReason.NOT_LEARNED, Pair(
        "买了以后只有老板看过一次。", "Only the boss has looked at it, once.")),
    (SilenceReason.OTHER_TOOL, Pair(
        "总部统一用了另一套。", "Headquarters chose another one for all.")),
    (SilenceReason.SEASON, Pair("淡季停工，开春再用。", "Closed for the season; back in spring.")),
    (SilenceReason.NO_VALUE, Pair("说不出用它省了什么。", "Cannot say what it saves.")),
    (SilenceReason.PERSON_LEFT, Pair("两位骨干先后调岗。", "Both key users changed jobs.")),
)  # fmt: skip
CHILDREN: Final = 3


def group(now: Moment) -> None:
    """What is set up once."""
    for wanted in SEGMENTS:
        make_segment(wanted, by=now.leader, at=now.at)
    state = read_state(QueryDict(VIEW_QUERY), user=now.leader)
    make_view(state, name=now.text(VIEW), shared=True, by=now.leader)
    _belong_together(now)
    _come_twice(now)


def _belong_together(now: Moment) -> None:
    """The largest of the cast has daughters in its own book, and a supplier."""
    if (parent := of_cast(State.BLOOMING)) is None:
        return
    cast = [member.external_id for member in CAST]
    others = Customer.objects.filter(owner__email=OWNER.email).exclude(external_id__in=cast)
    rows = list(others.exclude(stage="churned").order_by("-external_id")[: CHILDREN + 1])
    for child in rows[:CHILDREN]:
        set_parent(child, parent=parent, version=child.version, by=now.leader, at=now.at)
    for other in rows[CHILDREN:]:
        note = now.text(FRAMEWORK)
        link_customers(other, other=parent, kind="supplies", note=note, by=now.leader, at=now.at)


def _come_twice(now: Moment) -> None:
    """A list of the sales team brings two companies once more, under their registered names."""
    fields = ("external_id", "name", "name_en", "owner", "created_on", "recorded_at")
    with TemporaryDirectory(prefix="demo-", dir=settings.PERENNIAL_HOME) as folder:
        path = Path(folder) / now.text(SALES_LIST)
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(fields)
            for number, state in enumerate(TWICE, start=1):
                it = customer(state)
                name, english = f"{it.name.zh}有限公司", f"{it.name.en} Co., Ltd."
                day = now.at.date() - timedelta(days=number)
                rows.writerow((f"X{number:04d}", name, english, it.owner, day, day))
        if Customer.objects.filter(external_id=customer(TWICE[-1]).external_id).exists():
            import_file("customers", path, options=Options(), by=None, at=now.at, progress=silent)


def ask_the_silent(now: Moment) -> None:
    """Colleagues asked the largest of the silent ones why."""
    rows = CustomerFigures.objects.filter(is_silent=True).exclude(stage="churned")
    large = rows.select_related("customer__owner").order_by("-arr", "pk")
    for row, (reason, note) in zip(large, WHY, strict=False):
        say_why(
            row.customer,
            reason=reason,
            note=now.text(note),
            silent_since_on=row.last_seen_on,
            by=row.customer.owner,
            at=now.at,
        )
