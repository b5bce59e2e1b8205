"""The filter language: what it reads, what it refuses, what it finds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from perennial.customers.filters import (
    AllOf,
    Condition,
    Field,
    FilterRefused,
    Kind,
    Op,
    compile_filter,
    parse,
)
from perennial.customers.matching import matches
from perennial.customers.models import Customer
from perennial.team.models import User

FIELDS = (
    Field("tier", "Tier", Kind.CHOICE, "tier"),
    Field("region", "Region", Kind.TEXT, "region"),
    Field("version", "Version", Kind.NUMBER, "version"),
    Field("created_on", "Since", Kind.DATE, "created_on"),
    Field("assumed", "Assumed", Kind.FLAG, "recorded_assumed"),
    Field("owner", "Owner", Kind.USER, "owner_id"),
)
AS_OF = date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="everything"),
        pytest.param("1;tier.in.S,A", id="one condition"),
        pytest.param("1;tier.in.S;created_on.within.90", id="and"),
        pytest.param("1;(tier.in.S|region.empty)", id="or"),
        pytest.param("1;tier.known;(version.lt.3;tier.in.A|region.has.x)", id="and within or"),
        pytest.param("1;region.in.%E5%8C%97%2C%E4%BA%AC%28%29", id="any letter in a value"),
    ],
)
def test_a_filter_reads_back_as_it_was_written(text: str) -> None:
    assert parse(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2;tier.in.S", id="another version"),
        pytest.param("1;", id="nothing after the version"),
        pytest.param("1;tier", id="no operator"),
        pytest.param("1;tier.like.S", id="unknown operator"),
        pytest.param("1;tier.in", id="no value"),
        pytest.param("1;tier.empty.S", id="a value too many"),
        pytest.param("1;(tier.in.S", id="open bracket"),
        pytest.param("1;tier.in.S)", id="stray bracket"),
        pytest.param("1;a__b.in.S' or 1=1;", id="trailing text"),
        pytest.param("1;region.has.a%00", id="a letter that PostgreSQL does not keep"),
        pytest.param("1;" + "(" * 9 + "tier.in.S" + ")" * 9, id="too deep"),
        pytest.param("1;" + "tier.in.S;" * 300 + "tier.in.S", id="too long"),
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(FilterRefused):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1;arr.gt.5", id="a field that the list does not have"),
        pytest.param("1;tier.gt.S", id="an operator of another kind"),
        pytest.param("1;version.gt.many", id="no number"),
        pytest.param("1;version.gt.nan", id="not a number"),
        pytest.param("1;created_on.gt.tomorrow", id="no date"),
        pytest.param("1;created_on.within.99999999999", id="beyond the calendar"),
        pytest.param("1;created_on.older.2900000", id="more than a century"),
        pytest.param("1;version.gt.1e30", id="more than a database keeps"),
        pytest.param("1;owner.in.bob", id="no user"),
        pytest.param("1;owner.in." + "9" * 30, id="a user id beyond every row"),
        pytest.param("1;assumed.is.maybe", id="no flag"),
    ],
)
def test_what_does_not_fit_the_list_is_refused(text: str) -> None:
    with pytest.raises(FilterRefused):
        compile_filter(parse(text), FIELDS, as_of=AS_OF, user_id=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "abc"),
        ("1;tier.in.S,A", "ab"),
        ("1;tier.not.S", "bc"),
        ("1;tier.empty", "c"),
        ("1;region.has.east", "ab"),
        ("1;version.gte.2", "bc"),
        ("1;created_on.within.30", "b"),
        ("1;created_on.newer.30", "a"),
        ("1;created_on.older.60", "c"),
        ("1;created_on.lt.2026-12-01", "a"),
        ("1;assumed.is.yes", "c"),
        ("1;owner.in.me", "a"),
        ("1;owner.empty", "bc"),
        ("1;(tier.in.S|version.gte.3)", "ac"),
        ("1;region.has.east;(tier.in.S|version.gte.3)", "a"),
        ("1;(tier.in.S;version.gte.2|tier.in.A;version.gte.2)", "b"),
    ],
)
def test_a_filter_finds_its_rows(text: str, found: str) -> None:
    me = User.objects.create(email="me@example.com", name="Me")
    rows = (
        ("a", "S", "north-east", 1, date(2026, 11, 12), False, me),
        ("b", "A", "South-East", 2, date(2026, 12, 2), False, None),
        ("c", "", "", 3, None, True, None),
    )
    for letter, tier, region, version, created_on, assumed, owner in rows:
        Customer.objects.create(
            external_id=letter,
            name=letter,
            tier=tier,
            region=region,
            version=version,
            created_on=created_on,
            recorded_assumed=assumed,
            owner=owner,
            recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    wanted = compile_filter(parse(text), FIELDS, as_of=AS_OF, user_id=me.pk)
    assert "".join(Customer.objects.filter(wanted).values_list("name", flat=True)) == found
    columns = {  # the same rows, asked as columns
        "tier": np.array([row[1] for row in rows], object),
        "region": np.array([row[2] for row in rows], object),
        "version": np.array([row[3] for row in rows], np.float64),
        "created_on": np.array([row[4] for row in rows], "datetime64[D]"),
        "assumed": np.array([row[5] for row in rows]),
        "owner": np.array([row[6].pk if row[6] else -1 for row in rows]),
    }
    mine = parse(text.replace(".me", f".{me.pk}"))
    flags = matches(mine, FIELDS, columns, as_of=np.full(3, np.datetime64(AS_OF)))
    assert "".join(row[0] for row, flag in zip(rows, flags, strict=True) if flag) == found


def test_of_several_values_any_may_match() -> None:
    tags = np.empty(3, object)
    tags[:] = [("vip", "北区"), (), ("pilot",)]
    fields = (Field("tags", "Tags", Kind.TEXT, "tags"), Field("gone", "Gone", Kind.NUMBER, "gone"))
    found = {
        text: matches(
            parse(f"1;{text}"), fields, {"tags": tags}, as_of=np.full(3, np.datetime64(AS_OF))
        ).tolist()
        for text in ("tags.in.vip,x", "tags.not.vip", "tags.has.IL", "tags.empty", "gone.lt.5")
    }
    assert found == {
        "tags.in.vip,x": [True, False, False],
        "tags.not.vip": [False, True, True],
        "tags.has.IL": [False, False, True],
        "tags.empty": [False, True, False],
        "gone.lt.5": [False, False, False],
    }


def test_a_chip_can_be_taken_off_and_put_back() -> None:
    tree = parse("1;tier.in.S;version.gt.1")
    tier = Condition("tier", Op.IN, ("S",))
    assert tree.without(tier).text == "1;version.gt.1"
    assert tree.without(tier).plus([tier, tier]).text == "1;version.gt.1;tier.in.S"
    assert tree.values_of("tier") == ("S",)
    assert AllOf().values_of("tier") == ()


def test_the_order_of_conditions_and_values_means_nothing() -> None:
    one = parse("1;tier.in.S,A;(region.empty|version.gt.1)")
    assert one.meaning == parse("1;(version.gt.1|region.empty);tier.in.A,S").meaning
    assert one.meaning != parse("1;tier.in.S;(region.empty|version.gt.1)").meaning
