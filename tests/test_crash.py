"""Killed at random moments under load, nothing acknowledged is lost and nothing is invented."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.crash.rounds import Ordeal

ROUNDS = 15


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_acknowledged_survives_every_kill(tmp_path: Path):
    seed = secrets.token_hex(4)
    print(f"make crash N={ROUNDS} ARGS='--seed {seed}'")  # noqa: T201 - names a failure
    lines: list[str] = []
    wrong = Ordeal(tmp_path / "killed", seed=seed, say=lines.append).run(rounds=ROUNDS)
    assert not wrong, "\n".join([f"seed {seed}", *wrong, *lines])
