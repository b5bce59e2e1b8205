"""Playbooks as text. Applying publishes the next version; one that is left out retires, and its
runs go on to their end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial.team.models import User
from perennial.units.definitions import Field, Kind, Plain, flag, text
from perennial.units.errors import RowError
from perennial.units.sentence import sentence
from perennial.work.playbooks.actions.definitions import publish_text, retire, set_automatic
from perennial.work.playbooks.queries.definitions import faults_of, playbooks
from perennial.work.playbooks.rules.definition import StepKind, of, plain

USUAL: Mapping[str, Any] = {"audience": "", "trigger": "", "cap": {}, "exits": []}


@dataclass(frozen=True, slots=True)
class Text:
    """One playbook as it stands there; `automatic`: the day enrols whoever matches."""

    name: str
    definition: Mapping[str, Any]
    automatic: bool = False


def _as_it_stands(value: object) -> object:
    """Whatever was written; the checks say what is wrong, with its place."""
    return value


def _make(values: Plain) -> Text:
    given = {name: it for name, it in values.items() if name != "automatic"}
    name, automatic = str(given.get("name")), bool(values.get("automatic"))
    try:
        return Text(name, plain(of(given)), automatic)  # equal playbooks are equal texts
    except (KeyError, TypeError, ValueError, AttributeError):
        return Text(name, given, automatic)  # the checks say what is wrong


def _plain(it: Text) -> Plain:
    return {**USUAL, **it.definition, "automatic": it.automatic}


def _known() -> Iterable[Text]:
    return [
        Text(it.name, plain(it.definition), it.is_automatic) for it in playbooks() if it.definition
    ]


def _faults(it: Text, all_: Mapping[str, Sequence[Any]]) -> Sequence[RowError]:
    also = {other.name: _subs(other.definition) for other in all_.get("playbooks", ())}
    found = faults_of(it.definition, also=also)
    if it.automatic and not it.definition.get("trigger"):
        text_ = sentence("It has no trigger: say first who enters it by itself.")
        found.append(RowError("no_trigger", text_, column="automatic"))
    return found


def _subs(definition: Mapping[str, Any]) -> frozenset[str]:
    """The playbooks that the steps of a text start; it may be faulty in any way."""
    steps = definition.get("steps")
    rows = [it for it in steps if isinstance(it, Mapping)] if isinstance(steps, list) else []
    return frozenset(
        str(it.get("playbook")) for it in rows if it.get("kind") == StepKind.SUB_PLAYBOOK
    )


def _keep(it: Text, by: User | None, at: datetime) -> object:
    made = publish_text(it.definition, is_checked=True, by=by, at=at)
    now = next((known for known in _known() if known.name == it.name), None)
    if now is None or now.automatic != it.automatic:
        set_automatic(it.name, on=it.automatic, by=by, at=at)
    return made


def _drop(it: Text, by: User | None, at: datetime) -> object:
    return retire(it.name, by=by, at=at)


PLAYBOOKS: Kind[Text] = Kind(
    name="playbooks",
    fields=(
        Field("name", text),
        Field("title", _as_it_stands),
        Field("purpose", _as_it_stands),
        Field("audience", _as_it_stands, ""),
        Field("trigger", _as_it_stands, ""),
        Field("automatic", flag, False),
        Field("cap", _as_it_stands, {}),
        Field("exits", _as_it_stands, []),
        Field("steps", _as_it_stands),
    ),
    make=_make,
    plain=_plain,
    known=_known,
    faults=_faults,
    keep=_keep,
    drop=_drop,
)
KINDS: tuple[Kind[Any], ...] = (PLAYBOOKS,)
