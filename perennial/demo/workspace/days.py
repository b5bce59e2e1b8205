"""The workspace of the demo company as its days go by: what people do on which day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from perennial.demo.moment import Moment
from perennial.demo.workspace.groups import ask_the_silent, group
from perennial.demo.workspace.judged import judge_customers
from perennial.demo.workspace.people import count_trained, follow_the_sponsor, know_people
from perennial.demo.workspace.plays import play
from perennial.demo.workspace.tasks import close_some, make_some, remember

# How many days before the end; each is a day that is run.
ONCE: Final[Mapping[int, tuple[Callable[[Moment], None], ...]]] = {
    24: (know_people, group, remember),
    18: (follow_the_sponsor, ask_the_silent),
    12: (judge_customers,),
    4: (count_trained, make_some),
}


def work(now: Moment, *, days_back: int) -> None:
    """What people do on a day: what happens once, playbooks, calls to action that are closed."""
    for act in ONCE.get(days_back, ()):
        act(now)
    play(now, days_back=days_back)
    close_some(now, days_back=days_back)
