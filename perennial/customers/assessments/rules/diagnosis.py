"""Why a customer does not move: unwilling, unable, or unprompted (动机、能力、触发).

Each is judged 0–10; the lowest below 5 is what is lacking, at a tie the earlier one: without
motivation no training helps, without ability no reminder. With all at 5 or more nothing is
lacking, and the reason lies elsewhere. Each lack has a fitting answer, and a playbook.
Source: article s4, behaviour = motivation × ability × trigger (Fogg).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from perennial.units.sentence import sentence

ENOUGH: Final = 5
MOST: Final = 10
ORDER: Final = ("motivation", "ability", "trigger")


def lacking(*, motivation: int, ability: int, trigger: int) -> str:
    """motivation, ability or trigger; empty: none of them.

    >>> lacking(motivation=3, ability=2, trigger=9), lacking(motivation=5, ability=5, trigger=5)
    ('ability', '')
    """
    judged = dict(zip(ORDER, (motivation, ability, trigger), strict=True))
    lowest = min(ORDER, key=lambda name: judged[name])
    return lowest if judged[lowest] < ENOUGH else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to do about a lack: a sentence, and the key of a playbook that does it."""

    text: str
    playbook: str


ANSWERS: Final = {
    "motivation": Answer(
        sentence(
            "Unwilling: show what it is worth to them. Talk with the decision maker about one goal"
            " of their own, bring a case of their industry, agree on a first result within 30 days."
        ),
        "winback",
    ),
    "ability": Answer(
        sentence(
            "Unable: make it easy. Train by role, set it up together for one process, take away"
            " what blocks them, and begin with the smallest step that pays."
        ),
        "onboarding",
    ),
    "trigger": Answer(
        sentence(
            "Unprompted: give it an occasion. Reminders within their own routine, a weekly report"
            " to the manager, a fixed review date, an owner on their side."
        ),
        "usage_drop",
    ),
    "": Answer(
        sentence(
            "None of the three is lacking: look for another reason, such as a reorganisation, a"
            " competitor, budget or a fault of ours."
        ),
        "",
    ),
}

ANCHORS: Final = {  # what 0, 5 and 10 mean
    "motivation": (
        sentence("0: nobody sees a reason to use it"),
        sentence("5: the front line would, the boss does not care"),
        sentence("10: the boss asks for the results every week"),
    ),
    "ability": (
        sentence("0: they do not know how, or it does not fit their process"),
        sentence("5: a few can, with our help"),
        sentence("10: everybody who needs it can, without us"),
    ),
    "trigger": (
        sentence("0: nothing in their day leads to it"),
        sentence("5: somebody reminds them now and then"),
        sentence("10: their routine does not work without it"),
    ),
}
