"""The readings of any cases: each source once, however many measures name it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.translation import gettext_noop

from perennial.health.inputs import catalogue, money, opinions, relationship, support, usage, voice
from perennial.health.inputs.cases import Cases, Column, Readings, empty
from perennial.health.inputs.facts import Facts
from perennial.health.inputs.scene import Scene

READERS: Final[Mapping[str, Callable[[Scene], Column]]] = {
    **usage.READERS,
    **relationship.READERS,
    **support.READERS,
    **voice.READERS,
    **money.READERS,
    **opinions.READERS,
    "goals_met": catalogue.goals_met,
}
NO_SOURCE: Final = gettext_noop("there is no such measure")


def gather(cases: Cases, sources: Iterable[str]) -> Readings:
    """A column per source; one that is unknown here is empty, and says why."""
    return readings_of(Scene(cases), sources)


def readings_of(scene: Scene, sources: Iterable[str]) -> Readings:
    """The same of a scene: what was read of it before is not read again."""
    columns = {source: _once(scene, source) for source in dict.fromkeys(sources)}
    rate = scene.rows_assumed / scene.rows_read if scene.rows_read else 0.0
    return Readings(scene.cases, columns, Facts(scene), rate)


def _once(scene: Scene, source: str) -> Column:
    if source not in scene.columns:
        scene.columns[source] = read(scene, source)
    return scene.columns[source]


def read(scene: Scene, source: str) -> Column:
    """One column; without cases there is nothing to read."""
    if not scene.size:
        return empty(0)
    if source.startswith(catalogue.PREFIX):
        return catalogue.metric(scene, source)
    reader = READERS.get(source)
    return reader(scene) if reader else empty(scene.size, why=NO_SOURCE)
