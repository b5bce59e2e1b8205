"""A draft as the editor shows it: one row a step, in order, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from perennial.units.errors import RowError
from perennial.web.faults import in_words
from perennial.work.playbooks import wording
from perennial.work.playbooks.rules.definition import END, ON_STEP, Definition, StepKind, of

Plain = Mapping[str, Any]
Choice = tuple[str, str]
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """`at` begins the names of its fields."""

    at: str
    index: int
    id: str
    title: Mapping[str, str]
    then: str
    when: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """`summary` says in one line when it starts, is due and who does it; `plain` is its text.
    `earlier` and `later` are the steps that it may wait for and lead to."""

    at: str
    index: int
    number: int
    id: str
    kind: str
    kind_title: str
    icon: str
    heading: str
    summary: str
    plain: Plain
    owner: str
    owner_name: str
    start: Mapping[str, Any]
    due: Mapping[str, Any]
    is_mandatory: bool
    needs: Sequence[tuple[str, str, bool]]
    later: Sequence[Choice]
    outcomes: Sequence[OutcomeRow]
    branches: Sequence[str]
    faults: Sequence[str]
    is_open: bool

    @property
    def shows(self) -> frozenset[str]:
        """The fields that only some kinds have."""
        own = {
            StepKind.FIELD_UPDATE: {"field"},
            StepKind.WEBHOOK: {"channel"},
            StepKind.SUB_PLAYBOOK: {"playbook"},
        }
        found = own.get(StepKind(self.kind), set()) if self.kind in list(StepKind) else set()
        return frozenset(found)


def rows(
    definition: Plain, faults: Sequence[RowError], *, opened: int | None = None
) -> list[StepRow]:
    read = _read(definition)
    steps = definition["steps"]
    return [
        _row(definition, read, i, [it for it in faults if _is_of(it, i)], is_open=i == opened)
        for i in range(len(steps))
    ]


def _is_of(fault: RowError, index: int) -> bool:
    return (fault.column or "").split(".")[:2] == ["steps", str(index)]


def _read(definition: Plain) -> Definition | None:
    """The draft as rules see it; None while something is wrong with its shape."""
    try:
        return of(definition)
    except (KeyError, TypeError, ValueError):
        return None


def _row(
    definition: Plain,
    read: Definition | None,
    index: int,
    faults: Sequence[RowError],
    *,
    is_open: bool,
) -> StepRow:
    steps, step = definition["steps"], definition["steps"][index]
    kind = str(step.get("kind", ""))
    known = kind in list(StepKind)
    rule, _colon, who = str(step.get("owner", "csm")).partition(":")
    named = [(it["id"], _heading(it, n)) for n, it in enumerate(steps)]
    needed = step.get("depends_on", ())
    return StepRow(
        at=f"s{index}_",
        index=index,
        number=index + 1,
        id=str(step.get("id", "")),
        kind=kind,
        kind_title=str(wording.KIND_TITLES[StepKind(kind)]) if known else kind,
        icon=wording.KIND_ICONS[StepKind(kind)] if known else "help",
        heading=_heading(step, index),
        summary=_summary(read, index) if read and not faults else "",
        plain=step,
        owner=rule,
        owner_name=who,
        start=_start(step),
        due=step.get("due") or NOTHING,
        is_mandatory=bool(step.get("mandatory", True)),
        needs=[(name, words, name in needed) for name, words in named[:index]],
        later=[*named[index + 1 :], (END, _("End of the playbook"))],
        outcomes=_outcomes(step, index),
        branches=_branches(step, dict(named)),
        faults=[in_words(it) for it in faults],
        is_open=is_open or bool(faults),
    )


def _heading(step: Plain, index: int) -> str:
    return wording.told(step.get("title") or NOTHING) or _("Step %(n)s") % {"n": index + 1}


def _start(step: Plain) -> Plain:
    given = step.get("start") or NOTHING
    after = str(given.get("after", "previous"))
    return {
        "after": after,
        "step": after.removeprefix(ON_STEP) if after.startswith(ON_STEP) else "",
        "days": given.get("days", 0),
        "working": given.get("working", False),
    }


def _summary(definition: Definition, index: int) -> str:
    step = definition.steps[index]
    said = [wording.starts(step, definition), wording.due(step), wording.owner(step)]
    return " · ".join(it for it in said if it)


def _outcomes(step: Plain, index: int) -> list[OutcomeRow]:
    return [
        OutcomeRow(
            f"s{index}_o{k}_",
            k,
            str(it.get("id", "")),
            it.get("title") or NOTHING,
            str(it.get("then", "")),
            str(it.get("when", "")),
        )
        for k, it in enumerate(step.get("outcomes", ()))
    ]


def _branches(step: Plain, named: Mapping[str, str]) -> list[str]:
    """Where its outcomes lead: “No answer → Write to the sponsor”."""
    ways = {**named, END: _("End of the playbook"), "": _("next step")}
    return [
        f"{wording.told(it.get('title') or NOTHING) or it.get('id', '')} → "
        f"{ways.get(str(it.get('then', '')), it.get('then', ''))}"
        for it in step.get("outcomes", ())
    ]
