"""The index of fingerprints: finds everything, costs ten bytes, forgets what is too old."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perennial.events.intake.fingerprints import EVER, Index, fingerprints

TODAY = 20_000


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "fingerprints")


def prints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.uint64)


def add(
    index: Index, load: int, numbers: np.ndarray, *, day: int = TODAY, came: int = TODAY
) -> None:
    index.add(f"{load:012d}", numbers, np.full(len(numbers), day), arrived=(came, came))


def test_a_clock_that_jumped_a_century_is_still_pointed_to(index: Index) -> None:
    jumped = 48_000  # in 2101
    add(index, 1, prints(1), day=jumped)
    assert (1, jumped) in [
        (int(place) + 1, int(day)) for place, day in zip(*index.look_up(prints(1)), strict=True)
    ]


def found(index: Index, *numbers: int) -> list[tuple[int, int]]:
    places, days = index.look_up(prints(*numbers))
    return sorted((numbers[place], int(day)) for place, day in zip(places, days, strict=True))


def test_what_was_added_is_found_on_its_day(index: Index) -> None:
    add(index, 1, prints(7, 3, 5))
    add(index, 2, prints(9, 3), day=TODAY - 1)
    assert found(index, 1, 3, 9, 2**64 - 1) == [(3, TODAY - 1), (3, TODAY), (9, TODAY - 1)]


def test_one_fingerprint_of_two_events_points_to_both_days(index: Index) -> None:
    index.add("1", prints(4, 4, 4), np.array([TODAY, TODAY + 1, TODAY + 1]), arrived=(TODAY, TODAY))
    assert found(index, 4) == [(4, TODAY), (4, TODAY + 1), (4, TODAY + 1)]


def test_a_load_done_again_writes_its_run_again(index: Index) -> None:
    for _ in range(2):
        add(index, 1, prints(1, 2))
    assert index.entries == 2


def test_runs_merge_and_nothing_is_lost(index: Index) -> None:
    numbers = np.random.default_rng(5).integers(0, 2**63, 40_000, np.uint64)
    for load, part in enumerate(np.array_split(numbers, 80)):
        add(index, load, part, came=TODAY + load // 20)
        index.tidy(oldest=0, horizon=90)
    places, _ = index.look_up(np.sort(numbers))
    assert len(places) == 40_000 == index.entries
    assert len(index.runs()) < 12
    size = sum(run.path.stat().st_size for run in index.runs())
    assert size == 10 * 40_000


def test_a_merge_that_was_killed_is_done_again(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    for load in range(4):
        add(index, load, prints(load, load + 10))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_args, **_kwargs: None)
        index._merge(index.runs())
    assert index.entries == 16
    index.tidy(oldest=0, horizon=90)
    index.tidy(oldest=0, horizon=90)
    assert {place for place, _ in found(index, *range(20))} == {0, 1, 2, 3, 10, 11, 12, 13}


def test_what_arrived_before_the_horizon_goes_and_what_moved_stays(index: Index) -> None:
    add(index, 1, prints(1), came=TODAY - 91)
    add(index, 2, prints(2), came=TODAY - 89)
    add(index, 4, prints(4), came=TODAY)
    index.add("3", prints(3), np.array([TODAY - 500]), arrived=(EVER, EVER))
    index.tidy(oldest=TODAY - 90, horizon=90)
    assert found(index, 1, 2, 3, 4) == [(2, TODAY), (3, TODAY - 500), (4, TODAY)]


def test_a_clock_far_ahead_does_not_make_it_forget(index: Index) -> None:
    add(index, 1, prints(1), came=TODAY - 30)
    add(index, 2, prints(2), came=TODAY)
    add(index, 3, prints(3), came=TODAY + 26_000)
    index.tidy(oldest=TODAY + 26_000 - 90, horizon=90)
    assert [place for place, _ in found(index, 1, 2, 3)] == [1, 2, 3]


def test_a_fingerprint_tells_sources_apart_and_spreads_ids_that_count() -> None:
    ids = b"".join(number.to_bytes(16, "big") for number in range(50_000))
    web = fingerprints(["web", "app"], np.zeros(50_000, np.int64), ids)
    app = fingerprints(["web", "app"], np.ones(50_000, np.int64), ids)
    assert len(np.unique(np.concatenate([web, app]))) == 100_000
    assert abs(np.mean(web > 2**63) - 0.5) < 0.01


def test_fingerprints_on_the_disk_stay_readable() -> None:
    """Fixed: an index outlives the version that wrote it."""
    ids = bytes(range(16)) + bytes(16)
    assert fingerprints(["web"], np.zeros(2, np.int64), ids).tolist() == [
        9057657640879580843,
        2129871645722008882,
    ]
