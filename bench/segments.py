"""Who is in 20 segments of 10,000 customers, and finding somebody among 100,000 people.

`python -m bench.segments --home HOME` on a home that was prepared before (it is changed: people
and segments are added). The baseline of the filling is the plain reading of the figures' rows;
of the palette, the log-in page. Processor time, so that a busy machine says the same.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

PEOPLE, SEGMENTS, ROUNDS = 100_000, 20, 9
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂"
TYPED = ("w", "wang", "王伟", "小明", "bjzz", "北京zz", "zzzzq", "")
MOST_SECONDS, MOST_PALETTE = 1.0, 0.050


def seconds(act: Callable[[], object]) -> float:
    """The median of some rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        found.append(time.process_time() - start)
    return statistics.median(found)


def prepare() -> None:
    """People up to the number, and segments over fields of every kind."""
    from django.utils import timezone

    from perennial.customers.models import Customer, Person, Segment
    from perennial.customers.pinyin import person_key
    from perennial.customers.segments.actions import Wanted, make_segment

    luck, now = random.Random(6), timezone.now()
    ids = list(Customer.objects.values_list("pk", flat=True))
    names = [a + b + c for a in FAMILY for b in GIVEN for c in ("", *GIVEN)]
    keys = {name: person_key(name) for name in names}
    for start in range(Person.objects.count(), PEOPLE, 2_000):
        chosen = [luck.choice(names) for _ in range(min(2_000, PEOPLE - start))]
        Person.objects.bulk_create(
            Person(
                external_id=f"bench-{start + at}",
                customer_id=luck.choice(ids),
                name=name,
                pinyin=keys[name],
                email=f"p{start + at}@example.com",
                recorded_at=now,
            )
            for at, name in enumerate(chosen)
        )
    for at in range(Segment.objects.count(), SEGMENTS):
        text = f"1;(score.lt.{40 + at * 3}|usage.lte.-0.2);renewal.beyond.{at};!(stage.in.churned)"
        make_segment(Wanted(f"bench_{at}", f"测{at}", f"B{at}", text), by=None, at=now)


def report() -> int:
    from django.test import Client

    from perennial.config.server import collect_static
    from perennial.customers.models import Customer, Person, SegmentMember
    from perennial.desk.models import CustomerFigures
    from perennial.desk.queries import as_of
    from perennial.desk.segments import filling
    from perennial.team.models import Role, User

    prepare()
    collect_static()
    day = as_of()
    SegmentMember.objects.all().delete()
    start = time.process_time()
    filling.fill(day)
    first = time.process_time() - start
    again = seconds(lambda: filling.fill(day))
    plain = seconds(lambda: list(CustomerFigures.objects.values_list()))
    print(
        f"{SEGMENTS} segments of {Customer.objects.count():,} customers, "
        f"{SegmentMember.objects.count():,} members: first {first:.2f} s, again {again:.2f} s, "
        f"{again / plain:.1f} × reading the rows ({plain:.2f} s)"
    )
    user, _made = User.objects.get_or_create(
        email="bench@example.com", defaults={"name": "Bench", "role": Role.ADMIN}
    )
    client = Client(headers={"host": "localhost"})
    baseline = seconds(lambda: client.get("/log-in/"))
    client.force_login(user)
    worst = 0.0
    for typed in TYPED:
        found = seconds(partial(client.get, "/palette/", {"q": typed}))
        worst = max(worst, found)
        print(f"palette {typed!r:<10} {found * 1000:>5.0f} ms  {found / baseline:.1f} × log-in")
    print(f"{Person.objects.count():,} people; worst {worst * 1000:.0f} ms")
    return int(again > MOST_SECONDS or worst > MOST_PALETTE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    os.environ["PERENNIAL_HOME"] = str(parser.parse_args().home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
    import django

    django.setup()
    return report()


if __name__ == "__main__":
    sys.exit(main())
