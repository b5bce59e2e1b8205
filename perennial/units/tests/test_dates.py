"""Dates are read or refused; never guessed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from perennial.units.dates import AmbiguousDate, BadDate, Dates

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-04-03", date(2024, 4, 3)),
        ("2024/4/3", date(2024, 4, 3)),
        ("2024年4月3日", date(2024, 4, 3)),
        ("20240403", date(2024, 4, 3)),
        ("25/4/2024", date(2024, 4, 25)),
        ("4/25/2024", date(2024, 4, 25)),
        ("04/04/2024", date(2024, 4, 4)),
        ("3 Apr 2024", date(2024, 4, 3)),
        ("April 3, 2024", date(2024, 4, 3)),
        ("2024-04-02T20:00:00Z", date(2024, 4, 3)),
    ],
)
def test_a_day_is_read_where_only_one_reading_exists(text, day):
    assert Dates(SHANGHAI).day(text) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-07-28 3:00", datetime(2023, 7, 27, 19, 0, tzinfo=UTC)),
        ("2023-07-28 3:00 pm", datetime(2023, 7, 28, 7, 0, tzinfo=UTC)),
        ("2023-07-28T03:00:00.25+02:00", datetime(2023, 7, 28, 1, 0, 0, 250_000, tzinfo=UTC)),
        ("1690513200", datetime(2023, 7, 28, 3, 0, tzinfo=UTC)),
        ("1690513200123", datetime(2023, 7, 28, 3, 0, 0, 123_000, tzinfo=UTC)),
        ("2023-07-28", datetime(2023, 7, 27, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_wall_time_of_the_zone(text, moment):
    assert Dates(SHANGHAI).moment(text) == moment


@pytest.mark.parametrize("text", ["03/04/2024", "3-4-2024", "3.4.2024 10:00", "13/02/23"])
def test_a_date_with_two_readings_is_ambiguous(text):
    with pytest.raises(AmbiguousDate):
        Dates(SHANGHAI).day(text)


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-13-01", "30/02/2024", "0024-01-01", "2024-01-01 25:00", "3:00"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(BadDate):
        Dates(SHANGHAI).day(text)


def test_a_format_settles_every_date_and_allows_a_time_behind_it():
    dates = Dates(SHANGHAI, "%d-%m-%Y")
    assert dates.day("03-04-2024") == date(2024, 4, 3)
    assert dates.moment("03-04-2024 3:00") == datetime(2024, 4, 2, 19, 0, tzinfo=UTC)
    with pytest.raises(BadDate):
        dates.day("2024-04-03")
