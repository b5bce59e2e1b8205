"""Figures and dates as people read them, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override

from perennial.web import formats

MONEY = [
    pytest.param("zh-hans", 4_647_000, "CNY", "\u00a5464.7 万", id="wan"),
    pytest.param("zh-hans", 1_388_000_000, "CNY", "\u00a513.88 亿", id="yi"),
    pytest.param("zh-hans", 9_999, "CNY", "\u00a59,999", id="below-wan"),
    pytest.param("zh-hans", Decimal("9999.5"), "CNY", "\u00a51.0 万", id="rounds-up-to-wan"),
    pytest.param("zh-hans", 99_999_999, "CNY", "\u00a51.00 亿", id="rounds-up-to-yi"),
    pytest.param("zh-hans", -54_000, "USD", "−$5.4 万", id="minus-before-symbol"),
    pytest.param("en", 4_647_000, "CNY", "\u00a54.65M", id="million"),
    pytest.param("en", 769_800, "CNY", "\u00a5769.8K", id="thousand"),
    pytest.param("en", 999_950, "USD", "$1.00M", id="rounds-up-to-million"),
    pytest.param("en", 2_500_000_000, "EUR", "€2.50B", id="billion"),
    pytest.param("en", Fraction(50_000, 3), "GBP", "£16.7K", id="exact-fraction"),
    pytest.param("en", Decimal("-0.2"), "CNY", "\u00a50", id="nothing-has-no-minus"),
    pytest.param("en", 12, "SEK", "SEK 12", id="currency-without-symbol"),
    pytest.param("en", None, "CNY", "–", id="unknown-is-not-zero"),
]


@pytest.mark.parametrize(("language", "amount", "currency", "shown"), MONEY)
def test_money_is_written_as_people_say_it(language, amount, currency, shown):
    with override(language):
        assert formats.money(amount, currency) == shown


def test_money_can_be_exact_signed_or_short():
    with override("en"):
        assert formats.money(Decimal("4647123.5"), exact=True) == "\u00a54,647,123.50"
        assert formats.money(142_000, sign=True) == "+\u00a5142.0K"
        assert formats.money(0, sign=True) == "\u00a50"
        assert formats.money(2_000_000, short=True) == "\u00a52M"


NUMBERS = [
    pytest.param(1_234_567, 0, "1,234,567", "+1,234,567", id="thousands"),
    pytest.param(-5, 0, "−5", "−5", id="real-minus"),
    pytest.param(0, 0, "0", "0", id="zero-has-no-sign"),
    pytest.param(0.05, 1, "0.1", "+0.1", id="half-up"),
    pytest.param(None, 0, "–", "–", id="unknown"),
]


@pytest.mark.parametrize(("value", "decimals", "plain", "signed"), NUMBERS)
def test_numbers_have_separators_and_a_real_minus(value, decimals, plain, signed):
    with override("zh-hans"):
        assert formats.number(value, decimals=decimals) == plain
        assert formats.signed(value, decimals=decimals) == signed


def test_rates_are_percent():
    assert formats.percent(0.384) == "38%"
    assert formats.percent(Fraction(-1, 8), decimals=1, sign=True) == "−12.5%"
    assert formats.percent(None) == "–"


TODAY = date(2026, 11, 22)
DATES = [
    pytest.param(date(2026, 11, 22), "今天", "today", id="today"),
    pytest.param(date(2026, 11, 1), "21 天前", "21 d ago", id="days-ago"),
    pytest.param(date(2026, 12, 26), "34 天后", "in 34 d", id="days-ahead"),
    pytest.param(date(2027, 8, 22), "9 个月后", "in 9 mo", id="months-ahead"),
    pytest.param(date(2020, 1, 1), "7 年前", "7 y ago", id="years-ago"),
    pytest.param(None, "–", "–", id="unknown"),
]


@pytest.mark.parametrize(("on", "chinese", "english"), DATES)
def test_dates_are_told_from_today(on, chinese, english):
    with override("zh-hans"):
        assert formats.relative(on, today=TODAY) == chinese
    with override("en"):
        assert formats.relative(on, today=TODAY) == english


def test_a_missed_due_date_says_so():
    with override("zh-hans"):
        assert formats.due(date(2026, 11, 19), today=TODAY) == "逾期 3 天"
        assert formats.due(TODAY, today=TODAY) == "今天"


def test_moments_are_shown_in_business_time():
    late = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)  # the 22nd in Shanghai
    assert formats.moment(late) == "2026-11-22 01:30"
    assert formats.day(late) == "2026-11-22"
    with override("en"):
        now = datetime(2026, 11, 21, 19, 45, tzinfo=UTC)
        assert formats.ago(late, now=now) == "2 h ago"
        assert formats.ago(None) == "never"
