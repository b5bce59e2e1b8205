"""Charts are well-formed, readable aloud, free of inline styles, and drawn to scale."""

import re
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from perennial.web.charts import small
from perennial.web.charts.bars import Bar, effects, horizontal_bars
from perennial.web.charts.svg import ticks
from perennial.web.charts.usage import Day, Marker, usage
from perennial.web.charts.waterfall import Step, axis_floor, waterfall

START = date(2026, 10, 1)


def days(counts, **band):
    return [Day(START + timedelta(index), count, **band) for index, count in enumerate(counts)]


def step(label, amount, *, is_total=False):
    return Step(label, Decimal(amount), is_total=is_total)


STEPS = [step("Oct 1", 100, is_total=True), step("New", 60), step("Churn", -30)]
ALL = [
    pytest.param(usage(days([3, None, 5], low=1, high=4), title="Usage"), id="usage"),
    pytest.param(usage([], title="Nothing yet"), id="usage-of-nobody"),
    pytest.param(waterfall(STEPS, currency="CNY", title="MRR"), id="waterfall"),
    pytest.param(waterfall([], currency="CNY", title="MRR"), id="waterfall-of-nothing"),
    pytest.param(horizontal_bars([Bar("A & B", 3, "3")], title="Bars"), id="bars"),
    pytest.param(
        effects([Bar("Use", -11, "−11"), Bar("Value", 2, "+2")], title="Why"), id="effects"
    ),
    pytest.param(small.sparkline([1, None, 3], label="Trend"), id="sparkline"),
    pytest.param(small.sparkline([None], label="Trend"), id="sparkline-of-nothing"),
    pytest.param(small.ring(None, tone="na", label="Health unknown"), id="ring"),
    pytest.param(small.meter(0.4, label="Seats"), id="meter"),
]


@pytest.mark.parametrize("drawn", ALL)
def test_a_chart_is_well_formed_named_and_has_no_inline_style(drawn):
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label")
    assert root.get("role") == "img"
    assert " style=" not in drawn
    assert "nan" not in drawn.lower()


def test_a_chart_with_links_lets_them_be_reached():
    linked = waterfall([Step("New", Decimal(3), href="/revenue/")], currency="CNY", title="MRR")
    root = ElementTree.fromstring(linked)
    assert root.get("role") == "group"
    assert [link.get("href") for link in root.iter("a")] == ["/revenue/"]


def test_labels_from_people_are_escaped():
    drawn = usage(days([1]), markers=[Marker(START, "<script>")], title='"quoted" <b>')
    assert "<script>" not in drawn
    assert "<b>" not in drawn


def test_bars_of_the_usage_chart_are_to_scale():
    drawn = ElementTree.fromstring(usage(days([50, 100]), title="Usage"))
    low, high = (
        float(bar.get("height", 0)) for group in drawn.findall("g") for bar in group.findall("rect")
    )
    assert high / low == pytest.approx(2, rel=0.01)


def test_a_day_that_was_not_measured_is_a_gap_and_not_a_zero():
    average = [
        Day(START + timedelta(n), 1, average=value) for n, value in enumerate([1, None, 3, 4])
    ]
    assert usage(average, title="Usage").count("<polyline") == 2


def test_a_waterfall_ends_where_its_changes_lead():
    drawn = waterfall([*STEPS, step("Oct 31", 130, is_total=True)], currency="CNY", title="MRR")
    tops = [float(y) for y in re.findall(r'<rect class="\w+" x="[\d.]+" y="([\d.]+)"', drawn)]
    heights = [float(h) for h in re.findall(r'<rect[^>]*height="([\d.]+)"', drawn)]
    assert tops[3] == pytest.approx(tops[2] + heights[2], abs=0.2)


def test_the_axis_starts_at_zero_unless_the_changes_would_vanish():
    assert axis_floor(STEPS) == 0
    tiny = [step("a", 1000, is_total=True), step("b", 20), step("c", 1020, is_total=True)]
    assert 0 < axis_floor(tiny) < 1000


def test_a_calm_series_does_not_look_like_a_storm():
    calm = small.sparkline([1000, 1001, 999, 1000], label="Trend")
    ys = [
        float(pair.split(",")[1])
        for pair in re.findall(r'<polyline points="([^"]+)"', calm)[0].split()
    ]
    assert max(ys) - min(ys) < 2


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 237), (1900, 2480), (0, 0), (-5, 9)])
def test_ticks_cover_the_range_in_round_steps(low, high):
    marks = ticks(low, high)
    assert marks[0] <= low
    assert marks[-1] >= high
    assert len(marks) <= 8
