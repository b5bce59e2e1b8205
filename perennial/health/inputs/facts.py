"""What audiences filter by, of every case: stage, tier and fit as of its day, and the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perennial.customers.models import Customer, Stage
from perennial.customers.queries import classes_on
from perennial.customers.segments.queries import names_of_each
from perennial.health.classes.queries import by_rules
from perennial.health.inputs.cases import Days, Floats, Ints, Texts
from perennial.health.inputs.scene import Scene, days_between

ONBOARDING_DAYS: Final = 30
PRE_RENEWAL_DAYS: Final = 90


class Facts(Mapping[str, NDArray[Any]]):
    """Columns over cases, each read when it is first asked for. Numbers: nan unknown; texts: ''
    unknown; days: NaT unknown; `owner` and `parent` −1 where there is none."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._found:
            self._found[name] = _FACTS[name](self._scene)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_FACTS)

    def __len__(self) -> int:
        return len(_FACTS)


def age_days(scene: Scene) -> Floats:
    return days_between(scene.cases.as_of, scene.contracts.started_on)


def due_in_days(scene: Scene) -> Floats:
    return scene.contracts.due_in_days


def stage(scene: Scene) -> Texts:
    """As it is recorded of that day; else by age and by what falls due."""
    age, due = age_days(scene), due_in_days(scene)
    told = np.full(scene.size, Stage.STEADY.value, object)
    told[due <= PRE_RENEWAL_DAYS] = Stage.PRE_RENEWAL.value
    told[(age >= 0) & (age <= ONBOARDING_DAYS)] = Stage.ONBOARDING.value
    return np.where(_is_none(found := _class(scene, "stage")), told, found)


def recorded_class(scene: Scene, kind: str) -> Texts:
    """As it is recorded of that day; else, as known now, what the record says, and as known
    then what the rules in force say of what was known then."""
    found = _class(scene, kind)
    missing = _is_none(found)
    if not missing.any():
        return found
    if not scene.cases.known:
        return np.where(missing, record(scene, kind), found)
    columns = {name: _FACTS[name](scene) for name in _READ_BY_RULES}
    return np.where(missing, by_rules(kind, columns, as_of=scene.cases.as_of), found)


def _class(scene: Scene, kind: str) -> Texts:
    cases = scene.cases
    return classes_on(kind, cases.customer, cases.as_of, known=cases.known)


def _is_none(values: Texts) -> NDArray[np.bool_]:
    return np.array([it is None for it in values], bool)


def record(scene: Scene, name: str) -> Texts:
    """A text of the customer's record as it stands: the record keeps no past."""
    values = dict(Customer.objects.values_list("pk", name))
    found = np.full(scene.size, "", object)
    found[:] = [values.get(pk) or "" for pk in scene.cases.customer.tolist()]
    return found


def tags(scene: Scene) -> Texts:
    values = dict(Customer.objects.values_list("pk", "tags"))
    found = np.empty(scene.size, object)
    for at, pk in enumerate(scene.cases.customer.tolist()):
        found[at] = tuple(values.get(pk) or ())
    return found


def number(scene: Scene, name: str) -> Ints:
    """An id of the customer's record; −1: none."""
    values = dict(Customer.objects.values_list("pk", name))
    return np.array([values.get(pk) or -1 for pk in scene.cases.customer.tolist()], "int64")


def since(scene: Scene) -> Days:
    return scene.contracts.started_on


def arr(scene: Scene) -> Floats:
    return scene.contracts.arr


_READ_BY_RULES: Final = ("arr", "age_days", "due_in_days", "industry", "size", "region", "tags")
_FACTS: Mapping[str, Callable[[Scene], NDArray[Any]]] = {
    "stage": stage,
    "tier": partial(recorded_class, kind="tier"),
    "fit": partial(recorded_class, kind="fit"),
    **{name: partial(record, name=name) for name in ("industry", "size", "region")},
    "tags": tags,
    "owner": partial(number, name="owner_id"),
    "parent": partial(number, name="parent_id"),
    "since": since,
    "age_days": age_days,
    "due_in_days": due_in_days,
    "arr": arr,
    "segment": lambda scene: names_of_each(scene.cases.customer, scene.cases.as_of),
}
