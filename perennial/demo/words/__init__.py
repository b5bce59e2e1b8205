"""The demo company's vocabulary: pairs [中文, English]; both twins draw the same entry."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml


class Pair(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Industry:
    name: Pair
    word: Pair
    closure_rate: float
    share: float


@dataclass(frozen=True, slots=True)
class Companies:
    cities: tuple[tuple[Pair, Pair], ...]
    firsts: tuple[Pair, ...]
    seconds: tuple[Pair, ...]
    famous: frozenset[str]
    endings: tuple[Pair, ...]
    industries: tuple[Industry, ...]
    tags: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class People:
    surnames: tuple[Pair, ...]
    given: tuple[Pair, ...]
    titles: dict[str, tuple[Pair, ...]]


@dataclass(frozen=True, slots=True)
class Notes:
    touches: dict[str, tuple[Pair, ...]]
    tickets: dict[str, tuple[Pair, ...]]
    moods: dict[str, tuple[Pair, ...]]


def _read(name: str) -> Any:
    return yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))


def _pairs(rows: list[list[str]]) -> tuple[Pair, ...]:
    return tuple(Pair(zh, en) for zh, en in rows)


@cache
def companies() -> Companies:
    data = _read("companies")
    return Companies(
        cities=tuple((Pair(*city), Pair(*region)) for city, region in data["cities"]),
        firsts=_pairs(data["firsts"]),
        seconds=_pairs(data["seconds"]),
        famous=frozenset(data["famous"]),
        endings=_pairs(data["endings"]),
        industries=tuple(
            Industry(Pair(*row["name"]), Pair(*row["word"]), row["closure_rate"], row["share"])
            for row in data["industries"]
        ),
        tags=_pairs(data["tags"]),
    )


@cache
def people() -> People:
    data = _read("people")
    titles = {grade: _pairs(rows) for grade, rows in data["titles"].items()}
    return People(_pairs(data["surnames"]), _pairs(data["given"]), titles)


@cache
def notes() -> Notes:
    data = _read("notes")
    moods = ("worried", "onboarding", "renewal", "promoter", "passive", "detractor")
    return Notes(
        touches={kind: _pairs(rows) for kind, rows in data["touches"].items()},
        tickets={kind: _pairs(rows) for kind, rows in data["tickets"].items()},
        moods={mood: _pairs(data[mood]) for mood in moods},
    )
