"""What a rule of a feature means, and that the engine counts what the plain rule says."""

from __future__ import annotations

import json

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.events.queries.feature_rules import condition, mask_sql
from perennial.events.rules.features import (
    CLICK,
    SUBMIT,
    VIEW,
    FeatureRule,
    fits,
    refuse_wrong,
    suggested,
)
from perennial.events.store.engine import table_session
from perennial.events.store.functions import DUCKDB
from perennial.units.errors import InputRefused

PATTERNS = [
    pytest.param("button#save", "button#save", True, id="exact"),
    pytest.param("button#save2", "button#save", False, id="exact is the whole text"),
    pytest.param("form#deal>button#save", "form#deal*", True, id="a beginning"),
    pytest.param("form#deal>button#save", "*button#save", True, id="an end"),
    pytest.param("main>form#deal>button#save", "*form#deal>*", True, id="anywhere"),
    pytest.param('a[href="/x/1"]', 'a[href="/x/*"]', True, id="a link of a kind"),
    pytest.param("ab", "a*b", True, id="a star may be nothing"),
    pytest.param("a>b", "a*b*b", False, id="no letter counts twice"),
    pytest.param("a_b%c\\d", "a_b%c\\d", True, id="what engines read as more is plain"),
    pytest.param("axbyczd", "a_b%c\\d*", False, id="_ and % are no wildcards"),
    pytest.param("Button", "button", False, id="small and capital letters differ"),
    pytest.param(None, "*", False, id="nothing fits no pattern"),
]


@pytest.mark.parametrize(("text", "pattern", "expected"), PATTERNS)
def test_a_pattern_says_the_whole_text(text, pattern, expected):
    assert fits(text, pattern) is expected
    assert engine([(CLICK, text, None)], FeatureRule(CLICK, selector=pattern)) == [expected]


ADDRESSES = [
    pytest.param("https://app.example.com/deals/7?tab=won#x", "/deals/*", True, id="a path"),
    pytest.param("https://app.example.com/deals?tab=won", "/deals", True, id="without its query"),
    pytest.param("https://app.example.com/deals?tab=won", "/deals?tab=won", True, id="with it"),
    pytest.param("https://app.example.com/deals", "/deals?tab=won", False, id="the query lacks"),
    pytest.param("https://app.example.com/x#/deals/7", "/x#/deals/*", True, id="a route"),
    pytest.param("https://app.example.com/deals", "https://app.example.com/*", True, id="a host"),
    pytest.param("https://other.example.com/deals", "https://app.*", False, id="another host"),
    pytest.param("https://app.example.com", "/", False, id="no path is not the front page"),
    pytest.param("/deals/7", "/deals/*", True, id="an address without host"),
    pytest.param("/in?next=https://a.example/b", "/in", True, id="an address in an address"),
    pytest.param(None, "*", False, id="no address"),
]


@pytest.mark.parametrize(("url", "pattern", "expected"), ADDRESSES)
def test_an_address_is_compared_without_what_the_rule_does_not_speak_of(url, pattern, expected):
    rule = FeatureRule(VIEW, url=pattern)
    assert rule.fits(VIEW, selector=None, url=url) is expected
    assert engine([(VIEW, None, url)], rule) == [expected]


def engine(rows: list[tuple[str, str | None, str | None]], rule: FeatureRule) -> list[bool]:
    """Both texts that engines read: the mask of the roll-up and the condition of a query."""
    said = [
        (event, json.dumps({k: v for k, v in (("selector", path), ("url", url)) if v is not None}))
        for event, path, url in rows
    ]
    events = ibis.table({"n": "int64", "event": "string", "properties": "string"}, name="events")
    asked = events.select("n", it=condition(rule, events))
    with table_session() as session:
        for definition in DUCKDB:
            session.run(definition)
        columns = {"n": range(len(said)), "event": [e for e, _ in said]}
        session.offer("events", pa.table(columns | {"properties": [p for _, p in said]}))
        masks = session.rows(f"SELECT {mask_sql([(62, rule)])} FROM events ORDER BY n")
        by_query = session.rows(f"FROM ({ibis.to_sql(asked, dialect='duckdb')}) ORDER BY n")
    assert {mask for (mask,) in masks} <= {0, 1 << 62}
    assert [mask != 0 for (mask,) in masks] == [it for _, it in by_query]
    return [mask != 0 for (mask,) in masks]


LETTERS = "ab*/?#_%\\.:>[]\"'é字 "
TEXTS = st.none() | st.text(LETTERS, max_size=8) | st.text("ab/:", max_size=4).map("h://{}".format)
RULES = st.builds(
    FeatureRule,
    st.sampled_from([CLICK, SUBMIT, VIEW]),
    st.text(LETTERS, max_size=5),
    st.text(LETTERS, max_size=5),
)
ROWS = st.lists(st.tuples(st.sampled_from([CLICK, VIEW]), TEXTS, TEXTS), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, rule=RULES)
def test_the_engine_counts_what_the_plain_rule_says(rows, rule):
    plain = [rule.fits(event, selector=path, url=url) for event, path, url in rows]
    assert engine(rows, rule) == plain


def test_sixty_three_rules_have_a_bit_each():
    rules = [(bit, FeatureRule(CLICK, f"*#b{bit}")) for bit in range(63)]
    with table_session() as session:
        paths = [json.dumps({"selector": f"main>button#b{bit}"}) for bit in range(63)]
        session.offer("events", pa.table({"event": [CLICK] * 63, "properties": paths}))
        masks = session.rows(f"SELECT {mask_sql(rules)} FROM events")
    assert [mask for (mask,) in masks] == [1 << bit for bit in range(63)]


REFUSED = [
    pytest.param(FeatureRule("", "a"), "event", id="nothing captured"),
    pytest.param(FeatureRule("Deal won", "a"), "event", id="an event of its own"),
    pytest.param(FeatureRule(VIEW, "a", "/x"), "selector", id="an element of a view"),
    pytest.param(FeatureRule(CLICK, "**"), "selector", id="everything"),
    pytest.param(FeatureRule(VIEW, "", ""), "url", id="every page"),
    pytest.param(FeatureRule(CLICK, "a*" * 9), "selector", id="too many stars"),
    pytest.param(FeatureRule(CLICK, "a", "/" * 501), "url", id="too long"),
]


@pytest.mark.parametrize(("rule", "column"), REFUSED)
def test_a_rule_that_cannot_be_meant_is_refused(rule, column):
    with pytest.raises(InputRefused) as refused:
        refuse_wrong(rule)
    assert refused.value.column == column


SUGGESTED = [
    pytest.param("main#x>form>button#save", "*button#save", id="a target with an id"),
    pytest.param("main#x>ul>li>a:nth(2)", "main#x>ul>li>a:nth(2)", id="a place in the page"),
    pytest.param("button#save", "button#save", id="alone"),
]


@pytest.mark.parametrize(("selector", "pattern"), SUGGESTED)
def test_a_path_is_first_named_by_its_target(selector, pattern):
    assert suggested(selector) == pattern
