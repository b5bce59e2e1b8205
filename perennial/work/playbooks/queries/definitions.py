"""Playbooks as they are defined: those of the table, and the shipped ones nobody has used yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from perennial.alerts.models import OwnRule, Rule
from perennial.customers.actions import EDITABLE
from perennial.customers.filters import FilterRefused, compile_filter, parse
from perennial.health.queries.sources import known as known_sources
from perennial.units.errors import RowError
from perennial.work.models import Playbook, PlaybookVersion
from perennial.work.playbooks.facts import FIELDS
from perennial.work.playbooks.rules.checks import faults, hints
from perennial.work.playbooks.rules.completion import EVENT
from perennial.work.playbooks.rules.definition import Definition, StepKind, of, plain
from perennial.work.playbooks.rules.faults import Known as Rules
from perennial.work.playbooks.shipped import shipped

_A_DAY: Final = date(2000, 1, 1)
OWN: Final = "own/"


@dataclass(frozen=True, slots=True)
class Known:
    """A playbook now. `version` 0: as shipped, nobody has used it; `definition` None: it was
    never published. `draft`: its text, which may be faulty, and `edits` of it (0: none).
    `is_shipped`: what is in force is what we ship."""

    name: str
    version: int
    definition: Definition | None
    is_shipped: bool
    is_automatic: bool
    draft: Mapping[str, Any] | None
    edits: int
    retired_at: datetime | None

    @property
    def is_usable(self) -> bool:
        return self.definition is not None and self.retired_at is None


def playbooks(*, retired: bool = False) -> list[Known]:
    """All of them, shipped ones first; with the retired ones when asked for."""
    rows = {it.name: it for it in Playbook.objects.order_by("name")}
    versions = _versions()
    found = [
        _known(rows[name], versions.get(rows[name].pk, [])) if name in rows else _unused(name)
        for name in (*shipped(), *(it for it in rows if it not in shipped()))
    ]
    return [it for it in found if retired or it.retired_at is None]


def playbook(name: str) -> Known | None:
    """One by name; None: there is none."""
    row = Playbook.objects.filter(name=name).first()
    if row is None:
        return _unused(name) if name in shipped() else None
    return _known(row, list(row.versions.order_by("-number")))


def _versions() -> dict[int, list[PlaybookVersion]]:
    found: dict[int, list[PlaybookVersion]] = {}
    for row in PlaybookVersion.objects.order_by("-number"):
        found.setdefault(row.playbook_id, []).append(row)
    return found


def _unused(name: str) -> Known:
    return Known(name, 0, shipped()[name], True, False, None, 0, None)


def _known(row: Playbook, versions: list[PlaybookVersion]) -> Known:
    draft = next((it for it in versions if it.published_at is None), None)
    newest = next((it for it in versions if it.published_at is not None), None)
    definition = of(newest.definition) if newest else None
    return Known(
        row.name,
        newest.number if newest else 0,
        definition,
        definition is not None and definition == shipped().get(row.name),
        row.is_automatic,
        draft.definition if draft else None,
        draft.edits if draft else 0,
        row.retired_at,
    )


def faults_of(
    definition: Mapping[str, Any], *, also: Mapping[str, Collection[str]] | None = None
) -> list[RowError]:
    """Everything that is wrong with a text here and now. `also`: playbooks that come with it, and
    what their steps start."""
    known = rules_known()
    return faults(definition, replace(known, playbooks={**known.playbooks, **(also or {})}))


def hints_of(definition: Definition) -> list[RowError]:
    """What may be published, but should be known."""
    return hints(definition, rules_known())


def rules_known() -> Rules:
    """What the checks may take for granted in this installation."""
    sources = known_sources()
    own = [f"{OWN}{name}" for name in OwnRule.objects.values_list("name", flat=True)]

    def source_fault(source: str) -> RowError | None:
        if source in sources.sources:
            return None
        if source.startswith(EVENT):
            source = f"metric:event_count;window=28;event={source.removeprefix(EVENT)}"
        return sources.metric_fault(source)

    return Rules(
        filter_fault=filter_fault,
        source_fault=source_fault,
        alerts=frozenset((*(rule for rule in Rule.values if rule != Rule.OWN), *own)),
        playbooks={it.name: _subs(it.definition) for it in playbooks() if it.definition},
        settable=EDITABLE,
    )


def _subs(definition: Definition) -> frozenset[str]:
    return frozenset(it.playbook for it in definition.steps if it.kind is StepKind.SUB_PLAYBOOK)


def filter_fault(text: str) -> RowError | None:
    """What is wrong with a filter over FIELDS, or None."""
    try:
        compile_filter(parse(text), FIELDS, as_of=_A_DAY, user_id=None)
    except FilterRefused as wrong:
        return RowError(wrong.code, wrong.message, params=wrong.params)
    return None


def text_of(known: Known) -> dict[str, Any]:
    """What an editor begins with: the draft, else what is in force."""
    if known.draft is not None:
        return dict(known.draft)
    return plain(known.definition) if known.definition else {}
