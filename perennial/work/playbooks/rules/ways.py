"""The ways through a playbook: what waits for what, and which steps are ever come to.

A step waits for what it depends on, for the step after which it starts, and, where an earlier
step may pass it over, for that step. Whoever goes on to a later step passes over those between.
"""

from __future__ import annotations

from perennial.work.playbooks.rules.definition import END, Anchor, Definition, Step


def passers(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Of each step, the earlier ones that may pass it over."""
    found: dict[str, list[str]] = {it.id: [] for it in definition.steps}
    for place, step in enumerate(definition.steps):
        targets = {step.then, *(it.then or step.then for it in step.outcomes)} - {"", END}
        furthest = max((definition.place(it) for it in targets), default=place)
        for between in definition.steps[place + 1 : furthest]:
            found[between.id].append(step.id)
    return {name: tuple(it) for name, it in found.items()}


def waits_for(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Of each step, all steps that must have ended before it starts."""
    passing = passers(definition)
    found: dict[str, tuple[str, ...]] = {}
    for place, step in enumerate(definition.steps):
        anchor = (step.start.step,) if step.start.anchor is Anchor.STEP else ()
        if step.start.anchor is Anchor.PREVIOUS and place:
            anchor = (definition.steps[place - 1].id,)
        found[step.id] = tuple(dict.fromkeys((*anchor, *step.depends_on, *passing[step.id])))
    return found


def circle(definition: Definition) -> list[str]:
    """Steps that wait for each other, the first one again at the end; empty when none do."""
    edges = waits_for(definition)
    finished: set[str] = set()

    def search(name: str, road: list[str]) -> list[str]:
        if name in road:
            return [*road[road.index(name) :], name]
        if name in finished:
            return []
        for ahead in edges[name]:
            if found := search(ahead, [*road, name]):
                return found
        finished.add(name)
        return []

    for step in definition.steps:
        if found := search(step.id, []):
            return found
    return []


def unreachable(definition: Definition) -> list[str]:
    """Steps that every way passes over."""
    reached: set[int] = set()
    ahead = [0] if definition.steps else []
    while ahead:
        place = ahead.pop()
        if place in reached or place >= len(definition.steps):
            continue
        reached.add(place)
        ahead += _next(definition, place)
    return [it.id for place, it in enumerate(definition.steps) if place not in reached]


def _next(definition: Definition, place: int) -> list[int]:
    step = definition.steps[place]
    ends = {it.then or step.then for it in step.outcomes}
    if not ends or may_end_without_outcome(step):
        ends.add(step.then)
    return [definition.place(it) if it else place + 1 for it in sorted(ends) if it != END]


def may_end_without_outcome(step: Step) -> bool:
    """Its condition may not hold, its day may pass, or no condition of a decision may."""
    undecided = step.decides_itself and bool(step.outcomes[-1].when)
    return bool(step.when) or not step.mandatory or undecided
