"""The ordeal: under load, something is killed in every round and started again at once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.client import CUSTOMERS
from tests.crash.crew import PATIENCE_SECONDS, Crew
from tests.crash.verdict import ids, wrongs

CHECK_EVERY = 50  # rounds
PLACES = (
    *("manifest", "read", "links", "fingerprints", "facts"),
    *("written", "committed", "recorded", "retired", "ended"),
)  # of a load: perennial/events/intake/loading.py
BY_FAILPOINT = 0.5  # of the loader's lives; the others end at a random moment
AMID_A_LOAD = 0.7  # of those: shortly after it has begun one
VICTIMS = {"intake": 4, "loader": 8, "day": 3}  # how often each is drawn
LONGEST_SECONDS, LOAD_SECONDS = 1.5, 0.5  # from being at work, from the manifest, to the kill
DIED = 137  # how a failpoint ends a process


@dataclass(slots=True)
class Ordeal:
    """`say` is told of every round. The same seed draws the same kills, not the same race."""

    home: Path
    seed: str
    say: Callable[[str], None]
    deaths: Counter[str] = field(default_factory=Counter)
    check_every: int = CHECK_EVERY

    def run(self, *, rounds: int) -> list[str]:
        """What is wrong after the first check that finds something; nothing is the good end."""
        crew, draw = Crew(self.home), random.Random(self.seed)
        begun = time.monotonic()
        try:
            crew.settle(CUSTOMERS)
            for first in range(0, rounds, self.check_every):
                last = min(first + self.check_every, rounds)
                self._begin(crew, draw, first)
                for number in range(first + 1, last + 1):
                    how = self._one_kill(crew, draw)
                    self.deaths[how] += 1
                    acked = crew.acked_bytes() // 16
                    seconds = time.monotonic() - begun
                    self.say(f"{number}/{rounds} {seconds:.0f} s · {how} · {acked:,} acknowledged")
                crew.rest()
                if found := wrongs(crew):
                    return [f"seed {self.seed}, after round {last}: {it}" for it in found]
                seconds = time.monotonic() - begun
                sent, acked = len(ids(crew.notes, "sent")), len(ids(crew.notes, "acked"))
                self.say(f"checked: {acked:,} of {sent:,} ids acknowledged, {seconds:.0f} s")
        except AssertionError as error:
            return [f"seed {self.seed}: {error}"]
        finally:
            crew.kill_all()
        self.say(", ".join(f"{how} {count}" for how, count in sorted(self.deaths.items())))
        return []

    def _begin(self, crew: Crew, draw: random.Random, first: int) -> None:
        crew.start("intake")
        self._start_loader(crew, draw)
        crew.start("day")
        crew.send(f"{self.seed}-{first}")

    def _start_loader(self, crew: Crew, draw: random.Random) -> None:
        by_itself = draw.random() < BY_FAILPOINT
        crew.start("loader", failpoint=f"load:{draw.choice(PLACES)}" if by_itself else "")

    def _one_kill(self, crew: Crew, draw: random.Random) -> str:
        """Draw who dies, wait until it is at work, kill, start it again; says who and where."""
        victim = draw.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        if victim == "loader" and (place := crew.members["loader"].failpoint):
            self._wait(lambda: crew.members["loader"].process.poll() is not None, crew)
            code = crew.members["loader"].process.returncode
            assert code == DIED, f"the loader ended by itself with {code}: see loader.log"
            self._start_loader(crew, draw)
            return f"loader at {place}"
        amid = victim == "loader" and draw.random() < AMID_A_LOAD
        moment = draw.random()
        if victim == "day" and crew.members["day"].process.poll() == 0:
            crew.start("day")
        self._wait(lambda: crew.is_at_work(victim), crew)
        if amid:
            self._wait((crew.inbox / "loading.json").exists, crew)
        time.sleep(moment * (LOAD_SECONDS if amid else LONGEST_SECONDS))
        crew.kill(victim)  # a day that is done by then is none the worse
        if victim == "loader":
            self._start_loader(crew, draw)
        else:
            crew.start(victim)
        return f"{victim} amid a load" if amid else victim

    def _wait(self, reached: Callable[[], bool], crew: Crew) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            assert time.monotonic() < until, "nobody gets to work"
            self._look_after(crew)
            time.sleep(0.005)

    def _look_after(self, crew: Crew) -> None:
        """A day that came to its end must have ended well; nobody else ends by itself but the
        loader at its failpoint, which waits for its round."""
        code = crew.members["day"].process.poll()
        assert not code, f"the day ended with {code}: see day.log"
        assert crew.members["intake"].process.poll() is None, "the intake ended: see intake.log"
