from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from perennial.notify.rules import GIVE_UP_ATTEMPTS, Quiet, after_quiet, instant_from, retry_after


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [
        pytest.param(1, timedelta(minutes=1), id="soon"),
        pytest.param(3, timedelta(minutes=30), id="then less often"),
        pytest.param(4, timedelta(hours=2), id="then every two hours"),
        pytest.param(GIVE_UP_ATTEMPTS - 1, timedelta(hours=2), id="for two days"),
        pytest.param(GIVE_UP_ATTEMPTS, None, id="then given up"),
    ],
)
def test_a_mail_that_fails_is_tried_less_and_less(attempts: int, wait: timedelta | None):
    assert retry_after(attempts) == wait


def test_it_is_tried_for_two_days():
    waits = [wait for n in range(1, GIVE_UP_ATTEMPTS) if (wait := retry_after(n))]
    assert timedelta(days=1.8) < sum(waits, timedelta()) < timedelta(days=2.2)


@pytest.mark.parametrize(
    ("stakes", "least"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param([0, 0], None, id="no amount is known"),
        pytest.param([5], 5, id="one customer is the highest"),
        pytest.param(range(1, 10), 9, id="at least one"),
        pytest.param(range(1, 101), 91, id="a tenth"),
    ],
)
def test_only_the_highest_tenth_is_told_at_once(stakes: list[int], least: int | None):
    assert instant_from(map(Decimal, stakes)) == (None if least is None else Decimal(least))


ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = Quiet(time(22), time(8))


@pytest.mark.parametrize(
    ("moment", "quiet", "leaves"),
    [
        pytest.param("2026-07-01 23:00", Quiet(), "2026-07-01 23:00", id="none"),
        pytest.param("2026-07-01 21:59", NIGHT, "2026-07-01 21:59", id="just before"),
        pytest.param("2026-07-01 22:00", NIGHT, "2026-07-02 08:00", id="over midnight"),
        pytest.param("2026-07-02 07:59", NIGHT, "2026-07-02 08:00", id="after midnight"),
        pytest.param("2026-07-02 08:00", NIGHT, "2026-07-02 08:00", id="just after"),
        pytest.param(
            "2026-07-01 12:30", Quiet(time(12), time(14)), "2026-07-01 14:00", id="at noon"
        ),
        pytest.param(
            "2026-07-04 10:00", Quiet(weekends=True), "2026-07-06 00:00", id="on Saturday"
        ),
        pytest.param(
            "2026-07-03 23:00",
            Quiet(time(22), time(8), weekends=True),
            "2026-07-06 08:00",
            id="from Friday night over the weekend into Monday morning",
        ),
        pytest.param(
            "2026-07-05 23:30",
            Quiet(time(20), time(7), weekends=True),
            "2026-07-06 07:00",
            id="on Sunday night",
        ),
    ],
)
def test_what_is_due_in_quiet_hours_leaves_when_they_end(moment: str, quiet: Quiet, leaves: str):
    at = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    wanted = datetime.fromisoformat(leaves).replace(tzinfo=ZONE)
    assert after_quiet(at, quiet, ZONE) == wanted
