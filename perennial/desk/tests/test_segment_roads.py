"""Two roads to who is meant: the database and the columns, on random filters."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from perennial.customers.filters import (
    OPS,
    AllOf,
    AnyOf,
    Condition,
    Field,
    Kind,
    Op,
    compile_filter,
    parse,
)
from perennial.customers.filters.periods import NAMES
from perennial.customers.matching import matches
from perennial.customers.models import Customer
from perennial.customers.segments.queries import names_of_each
from perennial.desk.fields import FIELDS, fields_for
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import visible_figures
from perennial.desk.segments import filling
from perennial.desk.tests.scene import NOW, ON, Office
from perennial.desk.tests.test_segments import make
from perennial.team.models import User

VALUES: dict[Kind, tuple[str, ...]] = {
    Kind.NUMBER: ("0", "0.5", "100000", "-1", "7"),
    Kind.DATE: ("2026-11-21", "2027-01-01", "2026-01-01"),
    Kind.FLAG: ("yes", "no"),
    Kind.USER: ("1", "2", "999"),
    Kind.SEVERAL: ("vip", "北区", 'a"b', "vi"),
    Kind.SEGMENT: ("large", "soon"),
}
DAYS = (Op.WITHIN, Op.BEYOND, Op.OLDER, Op.NEWER)


def random_tree(luck: random.Random, fields: tuple[Field, ...], depth: int = 0) -> AllOf:
    def leaf() -> Condition:
        field = luck.choice(fields)
        op = luck.choice(sorted(OPS[field.kind]))
        if op in (Op.EMPTY, Op.KNOWN):
            return Condition(field.name, op)
        values = VALUES.get(field.kind) or tuple(v for v, _t in field.choices) or ("East", "a")
        if op in DAYS:
            values = ("0", "10", "90", "400")
        if op is Op.DURING:
            values = NAMES
        many = op in (Op.IN, Op.NOT_IN)
        return Condition(
            field.name, op, tuple(luck.sample(values, min(len(values), 2 if many else 1)))
        )

    def part() -> Condition | AnyOf:
        if depth < 2 and luck.random() < 0.45:
            either = tuple(random_tree(luck, fields, depth + 1) for _ in range(luck.randint(1, 3)))
            return AnyOf(either, luck.random() < 0.5)
        return leaf()

    return AllOf(tuple(part() for _ in range(luck.randint(1, 3))))


def random_customers(luck: random.Random, owners: list[User | None]) -> None:
    for number in range(60):
        one = Customer.objects.create(
            external_id=f"r{number}",
            name=f"r{number}",
            tier=luck.choice(["S", "A", ""]),
            region=luck.choice(["East", "a", ""]),
            tags=luck.choice([[], ["vip"], ["北区", "x"], ['a"b'], ["vip", "北区"]]),
            owner=luck.choice(owners),
            created_on=luck.choice([None, ON, date(2026, 8, 1)]),
            recorded_at=NOW,
        )
        CustomerFigures.objects.create(
            customer=one,
            score=luck.choice([None, 7.0, 80.0]),
            score_before=luck.choice([None, 7.0, 81.0]),
            arr=luck.choice([None, Decimal(0), Decimal(100_000)]),
            nps=luck.choice([None, 0.0, 7.0]),
            renewal_on=luck.choice([None, ON + timedelta(days=luck.randint(-400, 400))]),
            last_touch_on=luck.choice([None, ON - timedelta(days=luck.randint(0, 100))]),
            is_silent=luck.random() < 0.3,
            band=luck.choice(["", "red", "green"]),
        )


def test_both_roads_find_the_same_customers(office: Office) -> None:
    """The database and the columns, on random filters over random customers."""
    luck = random.Random(6)
    random_customers(luck, [office.owner, office.leader, None])
    make("large", "1;arr.gte.100000")
    make("soon", "1;renewal.within.90")
    filling.fill(ON)
    admin = User.objects.get(pk=office.admin.pk)
    fields = fields_for(admin)
    pks, columns = filling.columns_of(FIELDS)
    columns["segment"] = names_of_each(pks, np.full(len(pks), np.datetime64(ON)))
    met = 0
    for _ in range(400):
        tree = random_tree(luck, fields)
        assert parse(tree.text).text == tree.text
        wanted = compile_filter(tree, fields, as_of=ON, user_id=admin.pk)
        rows = set(visible_figures(admin).filter(wanted).values_list("pk", flat=True))
        flags = matches(tree, fields, columns, as_of=np.full(len(pks), np.datetime64(ON)))
        assert rows == set(pks[flags].tolist()), tree.text
        met += 0 < len(rows) < len(pks)
    assert met > 100  # the filters did tell customers apart
