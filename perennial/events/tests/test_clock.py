"""When an event happened: the rule of ingest.md (Time), item by item and on columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.events.intake import moments
from perennial.events.rules.clock import EARLIEST, LATEST, Clock, happened, microseconds
from perennial.events.rules.settings import IntakeSettings
from perennial.units.errors import InputRefused

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = IntakeSettings()


def us(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def at(**off: float) -> int:
    return us(NOON + timedelta(**off))


@pytest.mark.parametrize(
    ("original", "sent", "expected", "clock"),
    [
        pytest.param(None, None, at(), None, id="no time of the client: the server's"),
        pytest.param(None, at(hours=-1), at(), None, id="only a sending time: the server's"),
        pytest.param(at(minutes=-3), None, at(minutes=-3), None, id="no sending time: as sent"),
        pytest.param(
            at(minutes=-3), at(seconds=-30), at(minutes=-3), None, id="within the tolerance"
        ),
        pytest.param(
            at(minutes=-8), at(minutes=-5), at(minutes=-3), Clock.CORRECTED, id="a slow clock"
        ),
        pytest.param(
            at(minutes=2), at(minutes=5), at(minutes=-3), Clock.CORRECTED, id="a fast clock"
        ),
        pytest.param(
            at(days=-9),
            at(hours=1),
            at(days=-9, hours=-1),
            Clock.CORRECTED,
            id="queued offline for nine days on a fast clock",
        ),
        pytest.param(at(hours=-24), at(hours=-24), at(), Clock.CORRECTED, id="at the cap"),
        pytest.param(
            at(hours=-25), at(hours=-25), at(hours=-25), None, id="above the cap: an archive"
        ),
        pytest.param(at(minutes=5), None, at(minutes=5), None, id="the near future is kept"),
        pytest.param(at(minutes=6), None, at(), Clock.CLAMPED, id="the future is clamped"),
        pytest.param(
            us(datetime(2099, 1, 1, tzinfo=UTC)),
            us(datetime(2099, 1, 1, tzinfo=UTC)),
            at(),
            Clock.CLAMPED,
            id="a clock in 2099",
        ),
        pytest.param(0, 0, 0, None, id="a clock in 1970: old times are history"),
        pytest.param(
            at(hours=3), at(hours=1), at(), Clock.CLAMPED, id="happened after it was sent"
        ),
        pytest.param(EARLIEST, at(hours=1), EARLIEST, None, id="not before the first year"),
    ],
)
def test_an_event_happened(
    original: int | None, sent: int | None, expected: int, clock: Clock | None
) -> None:
    assert happened(original, sent, at(), SETTINGS) == (expected, clock)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-02T12:00:00Z", at()),
        ("2026-03-02T12:00:00.000Z", at()),
        ("2026-03-02T20:00:00+08:00", at()),
        ("2026-03-02T12:00:00.123456789Z", at(microseconds=123456)),
        ("2026-03-02 12:00:00", at()),
        ("2026-03-02", at(hours=-12)),
        (1772452800, at()),
        (1772452800.5, at(seconds=0.5)),
        (1772452800000, at()),
        (1772452800000000, at()),
        ("1772452800", at()),
        ("1772452800123", at(milliseconds=123)),
        (0, 0),
        ("1899-12-31T23:59:59Z", None),
        ("2200-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        ({"at": 1}, None),
        (None, None),
    ],
)
def test_a_time_of_a_client_is_read(value: object, expected: int | None) -> None:
    assert microseconds(value) == expected
    alone = moments.read([value])[0]
    assert alone == (moments.NONE if expected is None else expected)


def test_unset_settings_hold_their_defaults_and_bad_ones_are_refused() -> None:
    assert IntakeSettings.of({"of_another_version": 1}) == SETTINGS
    assert IntakeSettings.of({"clock_cap_seconds": 60}).clock_cap_seconds == 60
    assert IntakeSettings.of(SETTINGS.stored()) == SETTINGS
    for pattern in ("(?=x)", r"(a)\1", "a++", "(?P<a>b)(?P=a)"):
        with pytest.raises(InputRefused):  # the engine would not read it
            IntakeSettings.of({"bot_people": pattern})
    for bad in ({"clock_cap_seconds": "60"}, {"bot_people": "("}, {"reject_days": None}):
        with pytest.raises(InputRefused):
            IntakeSettings.of(bad)


TIMES = st.integers(EARLIEST, LATEST) | st.integers(-(10**12), 10**12).map(lambda off: at() + off)


@given(st.lists(st.tuples(st.none() | TIMES, st.none() | TIMES, TIMES), max_size=30))
def test_columns_and_the_rule_agree(rows: list[tuple[int | None, int | None, int]]) -> None:
    def column(nth: int) -> np.ndarray:
        return np.array(
            [moments.NONE if row[nth] is None else row[nth] for row in rows], dtype=np.int64
        )

    found = moments.happened(column(0), column(1), column(2), SETTINGS)
    expected = [happened(*row, SETTINGS) for row in rows]
    assert list(zip(found.moments.tolist(), found.clocks.to_pylist(), strict=True)) == expected


@given(
    st.lists(
        st.none()
        | st.text(max_size=8)
        | st.integers()
        | st.floats()
        | st.datetimes().map(datetime.isoformat)
        | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
        max_size=6,
    )
)
def test_columns_of_times_are_read_as_single_ones(values: list[object]) -> None:
    alone = [microseconds(value) for value in values]
    assert moments.read(values).tolist() == [
        moments.NONE if moment is None else moment for moment in alone
    ]
