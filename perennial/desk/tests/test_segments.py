"""Segments over the figures: who is in, who came and left, and the builder without script."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from perennial.config.definitions import Change, apply, export_text, read_path
from perennial.customers.filters import (
    AllOf,
    AnyOf,
    Condition,
    Field,
    Kind,
    Op,
    compile_filter,
    parse,
)
from perennial.customers.matching import matches
from perennial.customers.models import Customer, Segment, SegmentMember
from perennial.customers.segments import actions
from perennial.customers.segments.queries import matching, members, names_of_each
from perennial.desk.fields import FIELDS, fields_for
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import visible_figures
from perennial.desk.segments import filling
from perennial.desk.segments.texts import SEGMENTS
from perennial.desk.tests.scene import NOW, ON, Office, user
from perennial.team.models import Role, User
from perennial.units.errors import InputRefused

LogIn = Callable[[User], Client]


def make(name: str, text: str, *, by: User | None = None, shared: bool = True) -> Segment:
    wanted = actions.Wanted(name, name, name.title(), text, shared=shared)
    return actions.make_segment(wanted, by=by, at=NOW)


def test_who_is_in_a_segment_is_known_for_every_day(office: Office) -> None:
    make("large", "1;arr.gte.100000")
    filling.fill(ON)
    large = {office.beijing.pk, office.shenzhen.pk}
    assert members("large", ON) == large == matching("1;segment.in.large", on=ON)
    CustomerFigures.objects.filter(pk=office.shenzhen.pk).update(arr=Decimal(1))
    filling.fill(ON + timedelta(days=1))
    assert members("large", ON) == large
    assert members("large", ON + timedelta(days=1)) == {office.beijing.pk}
    days = np.array([ON, ON + timedelta(days=1)], "datetime64[D]")
    each = names_of_each(np.array([office.shenzhen.pk] * 2), days)
    assert each.tolist() == [("large",), ()]


def test_the_same_day_twice_says_what_the_last_run_says(office: Office) -> None:
    make("large", "1;arr.gte.100000")
    filling.fill(ON - timedelta(days=1))
    before = list(SegmentMember.objects.values_list("customer", "from_on", "until_on"))
    figures = CustomerFigures.objects.filter(pk=office.shenzhen.pk)
    kept = figures.get().arr
    for arr in (Decimal(1), kept):  # left on that day, and never left after all
        figures.update(arr=arr)
        filling.fill(ON)
    assert list(SegmentMember.objects.values_list("customer", "from_on", "until_on")) == before
    assert filling.fill(ON)["segment_changes"] == 0


def test_segments_are_made_of_segments_in_any_order(office: Office) -> None:
    make("z_base", "1;arr.gte.100000")
    make("a_upper", "1;segment.in.z_base;tier.in.S")
    make("none_of", "1;segment.not.z_base")
    filling.fill(ON)
    assert members("a_upper", ON) == {office.beijing.pk}
    assert office.quiet.pk in members("none_of", ON)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("1;segment.in.upper", "made of itself", id="a loop through another"),
        pytest.param("1;segment.in.base", "made of itself", id="itself"),
        pytest.param("1;segment.in.gone", "no segment", id="one that is not there"),
        pytest.param("1;owner.in.me", "somebody else for everybody", id="me"),
        pytest.param("", "needs a condition", id="everybody"),
    ],
)
def test_what_cannot_be_a_segment_is_refused_with_a_sentence(
    office: Office, as_user: LogIn, text: str, says: str
) -> None:
    base = make("base", "1;arr.gte.100000")
    make("upper", "1;segment.in.base")
    wanted = actions.Wanted("base", "x", "x", text)
    with pytest.raises(Exception) as refused:
        actions.change_segment(base, wanted, version=1, by=office.admin, at=NOW)
    assert says in refused.value.message
    assert Segment.objects.get(name="base").filter == "1;arr.gte.100000"


def test_a_private_segment_is_nobody_elses(office: Office, as_user: LogIn) -> None:
    make("mine", "1;tier.in.S", by=office.owner, shared=False)
    filling.fill(ON)
    page = reverse("segments:segment", args=["mine"])
    assert as_user(office.owner).get(page).status_code == 200
    assert as_user(office.admin).get(page).status_code == 404
    listed = as_user(office.admin).get(reverse("desk:customers") + "?filter=1;segment.in.mine")
    assert "There is no segment" in listed.content.decode()
    with pytest.raises(actions.SegmentRefused):
        make("public", "1;segment.in.mine", by=office.owner)


def test_who_sees_no_money_sees_no_segment_by_money(office: Office, as_user: LogIn) -> None:
    make("large", "1;arr.gte.100000")
    make("behind", "1;segment.in.large")
    filling.fill(ON)
    client = as_user(office.viewer)
    assert "large" not in client.get(reverse("segments:list")).content.decode()
    for name in ("large", "behind"):
        assert client.get(reverse("segments:segment", args=[name])).status_code == 404


def test_an_empty_book_counts_nobody(office: Office, as_user: LogIn) -> None:
    make("large", "1;arr.gte.100000")
    filling.fill(ON)
    client = as_user(office.outsider)
    for page in (reverse("segments:list"), reverse("segments:segment", args=["large"])):
        text = client.get(page).content.decode()
        assert "北京卓泽" not in text and "+2" not in text
    built = client.post(reverse("segments:new"), {"f0.0.0": "arr", "o0.0.0": "gte", "v0.0.0": "1"})
    assert '<p class="sgcount">0</p>' in built.content.decode()


def test_the_builder_works_step_by_step_without_script(office: Office, as_user: LogIn) -> None:
    client, page = as_user(office.owner), reverse("segments:new")
    rows = {"f0.0.0": "tier", "was0.0.0": "tier", "o0.0.0": "in", "v0.0.0": ["S"]}
    answer = client.post(page, rows | {"do": "or:0"}).content.decode()
    assert 'name="f0.1.0"' in answer
    rows |= {"f0.1.0": "usage", "was0.1.0": "usage", "o0.1.0": "lte", "v0.1.0": "-25"}
    answer = client.post(page, rows | {"do": "group"}).content.decode()
    assert "1;(tier.in.S|usage.lte.-0.25)" in answer
    rows |= {"f1.0.0": "renewal", "was1.0.0": "renewal", "o1.0.0": "within", "v1.0.0": "90"}
    rows |= {"n1": "none", "title_en": "Not due", "do": "save"}
    saved = client.post(page, rows)
    assert saved["Location"] == reverse("segments:segment", args=["not_due"])
    kept = Segment.objects.get()
    assert kept.filter == "1;(tier.in.S|usage.lte.-0.25);!(renewal.within.90)"
    assert (kept.title_zh, kept.owner, kept.shared) == ("Not due", office.owner, False)
    assert kept.members.exists() or kept.filter  # filled at once
    edit = client.get(reverse("segments:edit", args=["not_due"])).content.decode()
    assert 'value="-25"' in edit and "None of these holds" in edit


def test_two_who_edit_a_segment_do_not_lose_each_others_change(
    office: Office, as_user: LogIn
) -> None:
    make("large", "1;arr.gte.100000", by=office.owner)
    page = reverse("segments:edit", args=["large"])
    form = {"f0.0.0": "tier", "was0.0.0": "tier", "o0.0.0": "in", "v0.0.0": "S", "do": "save"}
    form |= {"title_zh": "大", "title_en": "Large", "shared": "yes", "version": "1"}
    assert as_user(office.owner).post(page, form).status_code == 302
    second = as_user(office.admin).post(page, form | {"title_en": "Big"})
    assert second.status_code == 422
    shown = second.content.decode()
    assert "Somebody changed this segment" in shown and "Big" in shown and "Large" in shown
    assert Segment.objects.get().title_en == "Large"


def test_a_used_segment_is_retired_not_deleted(office: Office, as_user: LogIn) -> None:
    make("base", "1;tier.in.S", by=office.owner)
    make("upper", "1;segment.in.base", by=office.owner)
    client = as_user(office.owner)
    client.post(reverse("segments:remove", args=["base"]))
    assert Segment.objects.filter(name="base").exists()
    client.post(reverse("segments:retire", args=["base"]))
    filling.fill(ON)
    assert members("upper", ON) == {office.beijing.pk}
    client.post(reverse("segments:remove", args=["upper"]))
    client.post(reverse("segments:remove", args=["base"]))
    assert not Segment.objects.exists()


def test_who_left_is_shown_with_what_holds_no_more(office: Office, as_user: LogIn) -> None:
    make("large", "1;tier.in.S,A;arr.gte.100000", by=office.owner)
    filling.fill(ON - timedelta(days=1))
    CustomerFigures.objects.update(arr=Decimal(1))
    filling.fill(ON)
    page = as_user(office.owner).get(reverse("segments:segment", args=["large"])).content.decode()
    assert "does not hold any more: ARR ≥" in page


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
    from perennial.customers.filters import OPS
    from perennial.customers.filters.periods import NAMES

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


def test_both_roads_find_the_same_customers(office: Office) -> None:
    """The database and the columns, on random filters over random customers."""
    luck = random.Random(6)
    owners = [office.owner, office.leader, None]
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


def test_a_stranger_role_cannot_share(office: Office, as_user: LogIn) -> None:
    viewer = user("watcher", Role.VIEWER)
    form = {"f0.0.0": "tier", "was0.0.0": "tier", "o0.0.0": "in", "v0.0.0": "S", "do": "save"}
    form |= {"title_en": "Mine", "shared": "yes"}
    assert as_user(viewer).post(reverse("segments:new"), form).status_code == 403
    del form["shared"]
    assert as_user(viewer).post(reverse("segments:new"), form).status_code == 302


def test_segments_of_a_text_come_back_as_they_were_written(office: Office) -> None:
    text = (
        "segments:\n"
        "- {name: upper, title: {zh: 上, en: Upper}, filter: 1;segment.in.base}\n"
        "- {name: base, title: {zh: 下, en: Base}, filter: 1;arr.gte.100000, meaning: m}\n"
    )
    applied = apply_text(text)
    assert [(it.kind, it.name) for it in applied] == [("segments", "base"), ("segments", "upper")]
    assert apply_text(export_text([SEGMENTS])) == []
    apply_text("segments: []")
    assert Segment.objects.filter(retired_at__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        pytest.param("filter: 1;segment.in.one", "made of itself", id="a loop"),
        pytest.param("filter: 1;segment.in.gone", "no segment", id="one that is not there"),
        pytest.param("filter: 1;colour.in.red", "no field", id="an unknown field"),
        pytest.param(f"filter: 1;name.has.{'x' * 2_000}", "too long", id="2,000 letters"),
        pytest.param("filter: ''", "needs a condition", id="no condition"),
    ],
)
def test_a_wrong_segment_of_a_text_has_its_line(office: Office, entry: str, says: str) -> None:
    with pytest.raises(InputRefused) as refused:
        apply_text(f"segments:\n- name: one\n  title: {{zh: 一, en: One}}\n  {entry}\n")
    assert says in refused.value.message
    assert refused.value.row == 4


def apply_text(text: str) -> list[Change]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "all.yaml")
        file.write_text(text, encoding="utf-8")
        return apply(read_path(file), by=None, at=NOW)
