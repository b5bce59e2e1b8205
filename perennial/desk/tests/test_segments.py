"""Segments over the figures: who is in, who came and left, and the builder without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Segment, SegmentMember
from perennial.customers.segments import actions
from perennial.customers.segments.queries import matching, members, names_of_each
from perennial.desk.models import CustomerFigures
from perennial.desk.segments import filling
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
    with pytest.raises(InputRefused) as refused:
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


def test_a_stranger_role_cannot_share(office: Office, as_user: LogIn) -> None:
    viewer = user("watcher", Role.VIEWER)
    form = {"f0.0.0": "tier", "was0.0.0": "tier", "o0.0.0": "in", "v0.0.0": "S", "do": "save"}
    form |= {"title_en": "Mine", "shared": "yes"}
    assert as_user(viewer).post(reverse("segments:new"), form).status_code == 403
    del form["shared"]
    assert as_user(viewer).post(reverse("segments:new"), form).status_code == 302
