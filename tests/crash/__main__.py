"""`make crash N=200`: N rounds, one kill -9 each, at moments that a printed seed draws."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.crash.rounds import Ordeal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", type=int, help="how many kills")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="draws every moment")
    parser.add_argument("--home", type=Path, help="an empty folder on a real disk")
    asked = parser.parse_args()
    home = asked.home or Path(tempfile.mkdtemp(prefix="perennial-crash-"))
    _say(f"seed {asked.seed}, home {home}")
    wrong = Ordeal(home, seed=asked.seed, say=_say).run(rounds=asked.rounds)
    for it in wrong:
        _say(f"WRONG: {it}")
    _say(f"seed {asked.seed}: {'FAILED' if wrong else 'nothing lost, nothing invented'}")
    return 1 if wrong else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
