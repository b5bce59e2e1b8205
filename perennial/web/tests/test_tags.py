"""Template tags: marks that are read aloud, addresses that keep their filters."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from perennial.web.templatetags import ui


def rendered(source, path="/", **values):
    request = RequestFactory().get(path)
    return Template(source).render(Context({"request": request, **values}))


PILLS = [
    pytest.param(75, "good", "Healthy", id="edge-of-green"),
    pytest.param(74.9, "warn", "Needs attention", id="below-green"),
    pytest.param(50, "warn", "Needs attention", id="edge-of-yellow"),
    pytest.param(49.9, "bad", "At risk", id="red"),
    pytest.param(None, "na", "Not measured", id="unknown-is-not-red"),
]


@pytest.mark.parametrize(("score", "tone", "word"), PILLS)
def test_a_pill_has_shape_figure_and_word(score, tone, word):
    with override("en"):
        drawn = rendered("{% health_pill score %}", score=score)
    assert f'class="hp {tone}"' in drawn
    assert word in drawn


def test_the_band_wins_over_the_score_because_bands_change_slowly():
    assert 'class="hp warn"' in rendered("{% health_pill 80 'yellow' %}")


def test_an_address_changes_one_thing_and_forgets_the_page():
    path = "/customers/?q=%E5%8C%97&tier=S&page=3"
    assert rendered('{% qs "sort" "-arr" %}', path) == "?q=%E5%8C%97&amp;tier=S&amp;sort=-arr"
    assert rendered('{% qs "q" None %}', path) == "?tier=S"
    assert rendered('{% qs_drop "tier" "S" %}', path + "&tier=A") == "?q=%E5%8C%97&amp;tier=A"


def test_a_company_is_marked_by_its_own_name_and_not_by_its_city():
    assert ">卓<" in rendered("{% avatar '北京卓泽科技' %}")
    assert ">M<" in rendered("{% avatar 'mingsen' %}")
    assert ">?<" in rendered("{% avatar '' %}")


def test_names_cannot_break_out_of_a_mark():
    assert "<script>" not in rendered("{% avatar name %}{% tier name %}", name="<script>")


def test_what_is_shown_as_zero_has_no_tone():
    assert rendered("{{ -0.3|points_tone }}") == ""
    assert rendered("{{ -0.6|points_tone }}") == "t-bad"
    assert rendered("{{ 3|change_tone }}") == "t-good"


@pytest.mark.parametrize(("language", "shown"), [("en", "Polaris"), ("zh-hans", "北极星")])
def test_a_customer_is_named_in_the_readers_language(language: str, shown: str):
    polaris = SimpleNamespace(name="北极星", name_en="Polaris")
    with override(language):
        assert ui.named(polaris) == shown
        assert ui.named(SimpleNamespace(name="北极星", name_en="")) == "北极星"


def test_a_score_is_never_shown_above_its_colour():
    drawn = rendered("{% health_pill score %}", score=74.6)
    assert "<b>74</b>" in drawn and 'class="hp warn"' in drawn
    assert ">74</text>" in rendered("{% ring score 'yellow' 46 %}", score=74.6)
