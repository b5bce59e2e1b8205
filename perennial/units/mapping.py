"""Which of the file's columns is which of ours, as people write it on the command line.

ours=theirs                 our column is read from theirs
ours=theirs{A:x,B:y}        and its values are translated; others stay as they are
ours==text                  our column is this text in every row
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perennial.units.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Source:
    """A column of the file, by its header, with an optional translation of its values."""

    name: str
    translate: Mapping[str, str] | None = None

    def read(self, text: str) -> str:
        return self.translate.get(text, text) if self.translate else text

    def __str__(self) -> str:
        if not self.translate:
            return self.name
        pairs = ",".join(f"{theirs}:{ours}" for theirs, ours in self.translate.items())
        return f"{self.name}{{{pairs}}}"


@dataclass(frozen=True, slots=True)
class Constant:
    """The same text in every row."""

    text: str

    def __str__(self) -> str:
        return f"={self.text}"


Column = Source | Constant


def parse_map(pairs: Iterable[str]) -> dict[str, Column]:
    """Our column → where it comes from; later pairs replace earlier ones.

    Raises InputRefused (code `bad_mapping`) naming the pair that cannot be read.

    >>> parse_map(["kind=is_trial{TRUE:trial,FALSE:new}", "currency==USD"])["currency"]
    Constant(text='USD')
    """
    columns: dict[str, Column] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise bad_mapping(pair)
        columns[ours.strip()] = parse_column(theirs, pair=pair)
    return columns


def parse_column(text: str, *, pair: str = "") -> Column:
    """The right-hand side of a pair: `theirs`, `theirs{A:x}` or `=text`."""
    if text.startswith("="):
        return Constant(text[1:].strip())
    name, brace, table = text.strip().partition("{")
    if not brace:
        return Source(name)
    if not table.endswith("}") or not name:
        raise bad_mapping(pair or text)
    translate = {}
    for entry in table[:-1].split(","):
        theirs, colon, ours = entry.rpartition(":")
        if not colon:
            raise bad_mapping(pair or text)
        translate[theirs.strip()] = ours.strip()
    return Source(name.strip(), translate)


def bad_mapping(pair: str) -> InputRefused:
    return InputRefused(
        "The mapping “{pair}” cannot be read. Write ours=theirs, ours==text or "
        "ours=theirs{{A:x,B:y}}.",
        code="bad_mapping",
        params={"pair": pair},
    )
