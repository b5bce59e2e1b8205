"""Definitions as text: sections of entries, each entry fields with the lines they stand on.

A slice declares a `Kind` per section: how its entries are read, exported, kept and dropped.
Reading gives plain canonical values, so that two texts can be compared and a text that was
exported comes back byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from perennial.units.errors import RowError
from perennial.units.sentence import sentence

Plain = Mapping[str, object]  # texts, numbers, true or false, lists and mappings of these
D = TypeVar("D")
LARGEST: Final = 1e300  # a longer whole number is no float


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition of a text: its fields, and the line of each and of itself."""

    fields: Plain
    line: int
    lines: Mapping[str, int]

    def fault(self, error: RowError) -> RowError:
        """An error with the line of its place: a field, or `measures.2.weight` inside one."""
        place = error.column or ""
        while place and place not in self.lines:
            place = place.rpartition(".")[0]
        return replace(error, row=self.lines.get(place, self.line))


class WrongValue(ValueError):
    """A value that cannot be read; the sentence says what is expected."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an entry. `read` makes the canonical value or raises WrongValue; a field
    without a default is required."""

    name: str
    read: Callable[[object], object]
    default: object = ...


@dataclass(frozen=True, slots=True)
class Kind(Generic[D]):
    """A section of a text. `D` is what one entry defines.

    `plain` is the inverse of `make`; `faults` are what is wrong beyond single fields, given all
    entries of the text by section; `keep` and `drop` leave audit lines.
    """

    name: str
    fields: Sequence[Field]
    make: Callable[[Plain], D]
    plain: Callable[[D], Plain]
    known: Callable[[], Iterable[D]]
    faults: Callable[[D, Mapping[str, Sequence[Any]]], Sequence[RowError]]
    keep: Callable[[D, Any, datetime], object]
    drop: Callable[[D, Any, datetime], object]
    rank: int = field(default=0)  # lower ones are kept first and dropped last

    def read(self, entry: Entry) -> tuple[D | None, list[RowError]]:
        """What an entry defines, or what is wrong with it, field by field."""
        names = {it.name for it in self.fields}
        found: list[RowError] = [
            entry.fault(
                RowError(
                    "unknown_field",
                    sentence("There is no field “{name}” here."),
                    column=name,
                    params={"name": name},
                )
            )
            for name in entry.fields
            if name not in names
        ]
        values: dict[str, object] = {}
        for it in self.fields:
            if it.name not in entry.fields:
                if it.default is ...:
                    text = sentence("The field is missing.")
                    found.append(entry.fault(RowError("missing_field", text, column=it.name)))
                values[it.name] = it.default
                continue
            try:
                values[it.name] = it.read(entry.fields[it.name])
            except WrongValue as wrong:
                error = RowError("wrong_value", str(wrong), column=it.name)
                found.append(entry.fault(error))
        return (None if found else self.make(values)), found

    def text_of(self, definition: D) -> Plain:
        """An entry as it is written: in the order of the fields, without what is default."""
        values = self.plain(definition)
        return {
            it.name: values[it.name]
            for it in self.fields
            if it.default is ... or values[it.name] != it.default
        }


def text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:  # a database refuses to keep it
        raise WrongValue(sentence("This is a text."))
    return value.strip()


def both(value: object) -> dict[str, str]:
    """A text in both languages: {zh: …, en: …}."""
    if not isinstance(value, Mapping) or set(value) != {"zh", "en"}:
        raise WrongValue(sentence("This is a text in both languages: {{zh: …, en: …}}."))
    return {language: text(value[language]) for language in ("zh", "en")}


def number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        raise WrongValue(sentence("This is a number."))
    return value


def whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue(sentence("This is a whole number."))
    return value


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(sentence("This is true or false."))
    return value


def texts(value: object) -> dict[str, str]:
    """Texts by name; numbers, true and false are taken as they are written in JSON."""
    if not isinstance(value, Mapping):
        raise WrongValue(sentence("These are pairs name: value."))
    return {text(str(name)): _as_text(it) for name, it in value.items()}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float) and "\0" not in str(value):
        return str(value)
    raise WrongValue(sentence("These are pairs name: value."))
