"""What is wrong with a definition, before anybody works by it. Each fault names its place:
`deal_sizes.team_above`, `milestones.2.day`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from perennial.units.errors import RowError
from perennial.units.sentence import sentence
from perennial.work.onboarding.rules.definition import Carried, Measure

MOST_STEPS: Final = 20
MOST_CARRIES: Final = 60
MOST_DAYS: Final = 365
TITLE_LETTERS: Final = 80
MOST_AMOUNT: Final = Decimal(10**12)
NAME: Final = re.compile(r"[a-z0-9_]{1,40}")
KINDS: Final = ("call", "meeting", "visit", "email", "chat", "training", "note")
GRADES: Final = ("S", "A", "B")
TIERS: Final = ("S", "A", "B", "C")
STAGES: Final = ("onboarding", "steady", "pre_renewal", "churned", "won_back")
COUNTED: Final = frozenset({Measure.TOUCH, Measure.PEOPLE, Measure.DAYS, Measure.FEATURES})
_SECTIONS: Final = frozenset({"deal_sizes", "milestones", "first_value", "use_check", "stages"})


def faults_of(plain: Mapping[str, Any]) -> list[RowError]:
    """Everything that is wrong; what has no fault is read by `definition.of`."""
    return [
        *_unknown(plain, _SECTIONS, ""),
        *_sizes(plain.get("deal_sizes")),
        *_steps(plain.get("milestones"), plain.get("first_value")),
        *_use(plain.get("use_check")),
        *_carries(plain.get("stages", [])),
    ]


def _fault(column: str, text: str, **params: str) -> RowError:
    return RowError("wrong_value", text, column=column, params=params)


def _unknown(it: Mapping[str, Any], known: frozenset[str], place: str) -> Iterator[RowError]:
    for name in it.keys() - known:
        text = sentence("There is no field “{name}” here.")
        yield RowError("unknown_field", text, column=place or name, params={"name": str(name)[:40]})


def amount(value: object) -> Decimal | None:
    """A yearly amount; None for what is none."""
    if isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= MOST_AMOUNT else None


def _sizes(sizes: object) -> Iterator[RowError]:
    if not isinstance(sizes, Mapping):
        yield _fault("deal_sizes", sentence("Here stand sales_below and team_above."))
        return
    yield from _unknown(sizes, frozenset({"sales_below", "team_above", "work_words"}), "deal_sizes")
    low, high = (amount(sizes.get(name)) for name in ("sales_below", "team_above"))
    for name, found in (("sales_below", low), ("team_above", high)):
        if found is None:
            yield _fault(f"deal_sizes.{name}", sentence("This is an amount, 0 or more."))
    if low is not None and high is not None and low > high:
        text = sentence("The upper limit lies below the lower one.")
        yield _fault("deal_sizes.team_above", text)
    words = sizes.get("work_words", [])
    if not _texts(words) or len(words) > MOST_STEPS or any(len(it) > TITLE_LETTERS for it in words):
        yield _fault("deal_sizes.work_words", sentence("These are at most 20 words."))


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(it, str) and it for it in value)


def _steps(steps: object, first_value: object) -> Iterator[RowError]:
    if not isinstance(steps, list) or not all(isinstance(it, Mapping) for it in steps):
        yield _fault("milestones", sentence("This is a list of milestones."))
        return
    if not 1 <= len(steps) <= MOST_STEPS:
        yield _fault("milestones", sentence("A plan has 1 to 20 milestones."))
    names: set[str] = set()
    for at, step in enumerate(steps):
        yield from _step(step, f"milestones.{at}")
        if str(step.get("id")) in names:
            yield _fault(f"milestones.{at}.id", sentence("This name stands twice."))
        names.add(str(step.get("id")))
    by = {str(it.get("id")): str(it.get("by")) for it in steps}
    if by.get(str(first_value), Measure.HAND) == Measure.HAND:
        text = sentence("First value is a milestone that data completes.")
        yield _fault("first_value", text)


_OF_STEP: Final = frozenset({"id", "title", "day", "by", "at_least", "kinds", "grades"})


def _step(step: Mapping[str, Any], place: str) -> Iterator[RowError]:
    yield from _unknown(step, _OF_STEP, place)
    if not NAME.fullmatch(str(step.get("id", ""))):
        text = sentence("A name is small letters, digits and _, at most 40.")
        yield _fault(f"{place}.id", text)
    yield from _title(step.get("title"), place)
    if type(step.get("day")) is not int or not 0 <= step["day"] <= MOST_DAYS:
        yield _fault(f"{place}.day", sentence("A whole number of days from 0 to 365."))
    by = step.get("by")
    if str(by) not in set(Measure):
        yield _one_of(f"{place}.by", by, tuple(Measure))
        return
    yield from _at_least(Measure(str(by)), step.get("at_least", 1), f"{place}.at_least")
    for name, known in (("kinds", KINDS), ("grades", GRADES)):
        yield from _narrowed(step.get(name, ()), known, f"{place}.{name}")


def _at_least(by: Measure, value: object, place: str) -> Iterator[RowError]:
    if by is Measure.SEATS:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            yield _fault(place, sentence("A share of the seats lies between 0 and 1."))
    elif by in COUNTED and (type(value) is not int or not 1 <= value <= 10_000):
        yield _fault(place, sentence("A whole number, 1 or more."))


def _narrowed(values: object, known: tuple[str, ...], place: str) -> Iterator[RowError]:
    if not isinstance(values, list | tuple):
        yield _fault(place, sentence("This is a list."))
        return
    yield from (_one_of(place, it, known) for it in values if it not in known)


def _one_of(place: str, value: object, known: tuple[str, ...]) -> RowError:
    text = sentence("“{value}” is none of {known}.")
    return _fault(place, text, value=str(value)[:40], known=", ".join(known))


def _title(title: object, place: str) -> Iterator[RowError]:
    if not isinstance(title, Mapping) or any(
        not isinstance(title.get(it), str) or not 0 < len(title[it].strip()) <= TITLE_LETTERS
        for it in ("zh", "en")
    ):
        text = sentence("The title is missing in one language, or too long.")
        yield _fault(f"{place}.title", text)


def _use(use: object) -> Iterator[RowError]:
    found = [use.get(it) for it in ("days", "within_days")] if isinstance(use, Mapping) else []
    days = [it for it in found if type(it) is int and 1 <= it <= MOST_DAYS]
    if len(days) != 2:
        yield _fault("use_check", sentence("Here stand days and within_days, from 1 to 365."))
    elif days[0] > days[1]:
        text = sentence("More days of use are asked for than the window has.")
        yield _fault("use_check.days", text)


def _carries(carries: object) -> Iterator[RowError]:
    if not isinstance(carries, list) or not all(isinstance(it, Mapping) for it in carries):
        yield _fault("stages", sentence("This is a list of tasks and goals."))
        return
    if len(carries) > MOST_CARRIES:
        yield _fault("stages", sentence("These are more than 60 tasks and goals."))
    for at, it in enumerate(carries):
        place = f"stages.{at}"
        yield from _unknown(it, frozenset({"stage", "kind", "title", "tiers"}), place)
        yield from _title(it.get("title"), place)
        if it.get("stage") not in STAGES:
            yield _one_of(f"{place}.stage", it.get("stage"), STAGES)
        if str(it.get("kind")) not in set(Carried):
            yield _one_of(f"{place}.kind", it.get("kind"), tuple(Carried))
        yield from _narrowed(it.get("tiers", ()), TIERS, f"{place}.tiers")
