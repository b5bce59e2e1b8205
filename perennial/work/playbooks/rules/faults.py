"""Single faults of a playbook's text, and what is known to judge it by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from perennial.units.errors import RowError
from perennial.units.sentence import sentence

Plain: TypeAlias = Mapping[str, Any]
Faults: TypeAlias = Iterator[RowError]


@dataclass(frozen=True, slots=True)
class Known:
    """What this installation has. The functions say what is wrong with a text, or None."""

    filter_fault: Callable[[str], RowError | None]
    source_fault: Callable[[str], RowError | None]  # a measure or `event:NAME`
    alerts: Collection[str]  # what may follow `alert:`
    playbooks: Mapping[str, Collection[str]]  # name → the names of its sub-playbooks
    settable: Collection[str]  # fields that a field update may set


def words_faults(given: object, at: str, most: int) -> Faults:
    if (
        not isinstance(given, Mapping)
        or set(given) != {"zh", "en"}
        or not all(isinstance(it, str) and it.strip() for it in given.values())
    ):
        yield fault("no_text", sentence("This text stands in both languages."), at)
    elif max(map(len, given.values())) > most:
        text = sentence("At most {most} letters.")
        yield fault("too_long", text, at, most=most)


def filter_faults(given: object, at: str, known: Known) -> Faults:
    if not isinstance(given, str):
        yield fault("wrong_filter", sentence("This is a filter."), at)
    elif given and (wrong := known.filter_fault(given)):
        yield RowError(wrong.code, wrong.message, column=at, params=wrong.params)


def whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def out_of_range(at: str, low: int, high: int) -> RowError:
    text = sentence("This is a whole number from {low} to {high}.")
    return fault("out_of_range", text, at, low=low, high=high)


def no_field(name: str, at: str) -> RowError:
    return fault("unknown_field", sentence("There is no field “{name}” here."), at, name=name)


def no_step(at: str, name: str) -> RowError:
    return fault("unknown_step", sentence("There is no step “{name}”."), at, name=name)


def fault(code: str, text: str, at: str, /, **params: object) -> RowError:
    return RowError(
        code, text, column=at, params={name: str(it)[:200] for name, it in params.items()}
    )
