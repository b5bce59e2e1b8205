"""Definitions as text files: reading with line numbers, comparing, applying.

A file has sections; a section that is there says everything about its kind, one that is not
there leaves it alone. KINDS is what can be written down: a slice adds its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from perennial.alerts import texts as alerts
from perennial.config.written import as_yaml
from perennial.customers.assessments.catalogue import texts as assessments
from perennial.customers.people.standards import texts as people
from perennial.desk.segments import texts as segments
from perennial.health import texts as health
from perennial.health.classes import texts as classes
from perennial.metrics import texts
from perennial.team.models import User
from perennial.units.definitions import Entry, Kind, Plain
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence
from perennial.work.assumptions import texts as assumptions
from perennial.work.onboarding import texts as onboarding
from perennial.work.plans import texts as plans
from perennial.work.playbooks import texts as playbooks

KINDS: tuple[Kind[Any], ...] = (
    *texts.KINDS,
    *segments.KINDS,
    *people.SECTIONS,
    *assessments.SECTIONS,
    *classes.SECTIONS,
    *health.KINDS,
    *alerts.KINDS,
    *assumptions.KINDS,
    *plans.KINDS,
    *playbooks.KINDS,
    onboarding.SECTION,
)
SINGLE = frozenset({"activity", onboarding.NAME}) | classes.NAMES  # a section that is one entry
SUFFIX = ".yaml"
LARGEST_BYTES = 1_000_000
DEEPEST = 20

Sections = Mapping[str, list[Any]]  # what each entry of a section defines


@dataclass(frozen=True, slots=True)
class Change:
    """What applying does to one definition; `before` None: it is new, `after` None: it goes."""

    kind: str
    name: str
    before: Plain | None
    after: Plain | None


def export_text(kinds: Sequence[Kind[Any]] = KINDS) -> str:
    """All definitions of these kinds; the same ones always give the same bytes."""
    document: dict[str, object] = {}
    for kind in kinds:
        entries = [dict(kind.text_of(it)) for it in kind.known()]
        document[kind.name] = entries[0] if kind.name in SINGLE else entries
    return as_yaml(document)


def read_path(path: Path) -> dict[str, list[Any]]:
    """What a file defines, or the files of a folder together.

    Raises InputRefused with every error, each with its file, line (as row) and field.
    """
    files = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
    if not files:
        raise InputRefused(
            sentence("There is no .yaml file in {path}."), params={"path": str(path)}
        )
    found: dict[str, list[Entry]] = {}
    errors: list[RowError] = []
    origin: dict[str, str] = {}
    for file in files:
        for name, entries in _sections(file).items():
            if name in found:
                text = sentence("The section {name} stands in {other}, too.")
                params = {"name": name, "other": origin[name]}
                errors.append(RowError("twice", text, file=str(file), params=params))
            found[name], origin[name] = entries, str(file)
    kinds = {kind.name: kind for kind in KINDS}
    sections: dict[str, list[Any]] = {}
    placed: list[tuple[Kind[Any], Entry, Any]] = []
    for name, entries in found.items():
        sections[name] = []
        for entry in entries:
            made, faults = kinds[name].read(entry)
            errors += [replace(it, file=origin[name]) for it in faults]
            if made is not None:
                sections[name].append(made)
                placed.append((kinds[name], entry, made))
    errors += _faults(placed, sections, origin)
    _refuse(errors)
    return sections


def _faults(
    placed: Sequence[tuple[Kind[Any], Entry, Any]], sections: Sections, origin: Mapping[str, str]
) -> Iterator[RowError]:
    """What is wrong beyond single fields; names that stand twice."""
    seen: set[tuple[str, str]] = set()
    for kind, entry, made in placed:
        for fault in kind.faults(made, sections):
            column = fault.column
            yield replace(entry.fault(fault), column=column, file=origin[kind.name])
        key = (kind.name, _name(made))
        if key in seen:
            text = sentence("This name stands twice.")
            error = entry.fault(RowError("twice", text, column="name"))
            yield replace(error, file=origin[kind.name])
        seen.add(key)


def _name(made: Any) -> str:
    return str(getattr(made, "name", ""))


def changes(sections: Sections) -> list[Change]:
    """What applying would change, in the order of the kinds, by name."""
    return [change for change, _, _ in _steps(sections)]


def _steps(sections: Sections) -> list[tuple[Change, Kind[Any], Any]]:
    found: list[tuple[Change, Kind[Any], Any]] = []
    for kind in KINDS:
        if kind.name not in sections:
            continue
        before = {_name(it): it for it in kind.known()}
        after = {_name(it): it for it in sections[kind.name]}
        for name in sorted(before.keys() | after.keys()):
            old, new = before.get(name), after.get(name)
            if old != new:
                texts = [None if it is None else kind.text_of(it) for it in (old, new)]
                found.append((Change(kind.name, name, *texts), kind, old if new is None else new))
    return found


@transaction.atomic
def apply(sections: Sections, *, by: User | None, at: datetime) -> list[Change]:
    """Make the home's definitions those of the text, all or nothing; what changed."""
    steps = _steps(sections)
    for change, kind, made in sorted(steps, key=lambda it: it[1].rank):
        if change.after is not None:
            kind.keep(made, by, at)
    for change, kind, made in sorted(steps, key=lambda it: -it[1].rank):
        if change.after is None:
            kind.drop(made, by, at)
    return [change for change, _, _ in steps]


class _Plain(yaml.SafeLoader):
    """YAML that says everything once: a few aliases of aliases would fill the memory."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="* and & are not taken here", problem_mark=mark)
        if self.depth >= DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _sections(file: Path) -> dict[str, list[Entry]]:
    """The entries of one file with their lines."""
    if file.stat().st_size > LARGEST_BYTES:
        raise InputRefused(sentence("The file is too large to be definitions."), file=str(file))
    try:
        text = file.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=_Plain)
    except yaml.reader.ReaderError as wrong:  # a character that YAML does not know
        raise InputRefused(
            sentence("This is no YAML: {reason}."),
            file=str(file),
            row=text.count("\n", 0, wrong.position) + 1,
            params={"reason": wrong.reason},
        ) from wrong
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise InputRefused(
            sentence("This is no YAML: {reason}."),
            file=str(file),
            row=mark.line + 1 if mark else None,
            params={"reason": str(getattr(wrong, "problem", "") or "")},
        ) from wrong
    found: dict[str, list[Entry]] = {}
    errors: list[RowError] = []
    for name, line, node in _pairs(root, errors) if root is not None else ():
        if name not in {kind.name for kind in KINDS}:
            known = ", ".join(kind.name for kind in KINDS)
            text = sentence("There is no section “{name}”. There are: {known}.")
            params = {"name": name, "known": known}
            errors.append(RowError("unknown_section", text, row=line, params=params))
            continue
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if isinstance(node, yaml.ScalarNode) and node.value in ("", "~", "null"):
            nodes = []
        found[name] = [_entry(it, errors) for it in nodes]
    _refuse([replace(it, file=str(file)) for it in errors])
    return found


def _entry(node: yaml.Node, errors: list[RowError]) -> Entry:
    fields: dict[str, object] = {}
    lines: dict[str, int] = {}
    for name, line, value in _pairs(node, errors):
        fields[name] = _value(value, errors)
        lines[name] = line
        lines |= _inner_lines(value, name)
    return Entry(fields, node.start_mark.line + 1, lines)


def _inner_lines(node: yaml.Node, place: str) -> dict[str, int]:
    """The lines of what stands inside a field, by its place: `measures.2.weight`."""
    inside: list[tuple[str, int, yaml.Node]] = []
    if isinstance(node, yaml.SequenceNode):
        inside = [(str(i), it.start_mark.line, it) for i, it in enumerate(node.value)]
    elif isinstance(node, yaml.MappingNode):
        inside = [(str(key.value), key.start_mark.line, it) for key, it in node.value]
    lines: dict[str, int] = {}
    for name, line, value in inside:
        at = f"{place}.{name}"
        lines |= {at: line + 1} | _inner_lines(value, at)
    return lines


def _value(node: yaml.Node, errors: list[RowError]) -> object:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, TypeError) as wrong:
        text = sentence("This cannot be read: {reason}.")
        params = {"reason": str(wrong).splitlines()[0]}
        line = node.start_mark.line + 1
        errors.append(RowError("unreadable", text, row=line, params=params))
        return None
    finally:
        loader.dispose()


def _pairs(node: yaml.Node, errors: list[RowError]) -> Iterator[tuple[str, int, yaml.Node]]:
    """Names, lines and values of a mapping; each name once."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        errors.append(RowError("no_mapping", sentence("Here stand pairs name: value."), row=line))
        return
    seen: set[str] = set()
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in seen:
            text = sentence("This name stands twice.")
            errors.append(RowError("twice", text, row=line, column=name))
        seen.add(name)
        yield name, line, value


def _refuse(errors: Sequence[RowError]) -> None:
    if errors:
        first = errors[0]
        wrong = InputRefused(
            first.message,
            code=first.code,
            params=first.params,
            file=first.file,
            row=first.row,
            column=first.column,
        )
        wrong.errors = errors
        raise wrong
