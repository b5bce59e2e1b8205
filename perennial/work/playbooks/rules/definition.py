"""What a playbook says: whom it is for, its steps in order, and when a customer leaves it.

1. Steps stand in the order in which they are usually done. Each starts some days after the
   enrolment, after the step before it or another one, or before the renewal.
2. An outcome of a step may lead to a later step: those between are passed over. `end` ends it.
3. A decision is taken by the machine where its outcomes have conditions, else by a person.
4. Texts stand in both languages. A run keeps the version with which it began.
Source: work specification, 'Playbook step'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

END: Final = "end"
ON_STEP: Final = "step:"  # before the id of the step after which another one starts
BY_AUDIENCE: Final = "audience"
BY_ALERT: Final = "alert:"
EXIT: Final = "exit:"  # in a run's end: before the place of the rule that was met


class StepKind(StrEnum):
    TASK = "task"
    CALL = "call"
    EMAIL = "email"
    IN_APP = "in_app"
    SURVEY = "survey"
    FIELD_UPDATE = "field_update"
    WEBHOOK = "webhook"
    WAIT = "wait"
    DECISION = "decision"
    SUB_PLAYBOOK = "sub_playbook"


class Anchor(StrEnum):
    """From when the days of a step count."""

    ENROLMENT = "enrolment"
    RENEWAL = "renewal"
    PREVIOUS = "previous"
    STEP = "step"


class OwnerRule(StrEnum):
    """Who does a step: the customer's CSM, whoever started it, somebody by e-mail, somebody of a
    role, or the members of a team in turn."""

    CSM = "csm"
    CREATOR = "creator"
    PERSON = "person"
    ROLE = "role"
    ROBIN = "robin"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def told(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Start:
    """`step`: its id, of Anchor.STEP. Days are calendar days, or working days; below zero only
    before the renewal."""

    anchor: Anchor = Anchor.PREVIOUS
    step: str = ""
    days: int = 0
    working: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """Days after the start of the step; 0: the same day."""

    days: int = 0
    working: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step may end. `then`: the id of a later step, "end", or empty: as the step says.
    `when`: a filter by which the machine takes a decision; empty: otherwise."""

    id: str
    title: Words
    then: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """`owner`: csm, creator, person:E-MAIL, role:ROLE or robin:TEAM. `when`: a filter; who does
    not fit it skips the step. `done_when`: `SOURCE >= NUMBER` or `event:NAME`; empty: by hand.
    `then`: where to go on after it; empty: the next step. `set_field`, `set_value`: of a field
    update. `playbook`: of a sub-playbook. `channel`: of a webhook."""

    id: str
    title: Words
    text: Words
    kind: StepKind
    owner: str = "csm"
    start: Start = Start()
    due: Due | None = None
    mandatory: bool = True
    depends_on: tuple[str, ...] = ()
    when: str = ""
    visible: bool = False
    done_when: str = ""
    outcomes: tuple[Outcome, ...] = ()
    then: str = ""
    set_field: str = ""
    set_value: str = ""
    playbook: str = ""
    channel: str = ""

    @property
    def owner_rule(self) -> OwnerRule:
        return OwnerRule(self.owner.partition(":")[0])

    @property
    def owner_name(self) -> str:
        """The e-mail, role or team that the rule names."""
        return self.owner.partition(":")[2]

    @property
    def decides_itself(self) -> bool:
        """The machine decides, by the conditions of the outcomes."""
        return self.kind is StepKind.DECISION and any(it.when for it in self.outcomes)

    def outcome(self, name: str) -> Outcome | None:
        return next((it for it in self.outcomes if it.id == name), None)

    def next_after(self, outcome: str) -> str:
        """Where to go on: an id, "end", or empty for the next step."""
        found = self.outcome(outcome)
        return (found.then if found else "") or self.then


@dataclass(frozen=True, slots=True)
class Exit:
    """Whoever fits `when` leaves; the reason is kept."""

    when: str
    reason: Words


@dataclass(frozen=True, slots=True)
class Cap:
    """How often, and how many. None: without limit. `ever`: runs at one customer; `days`: at
    most one at a customer in so many days; `running`: customers at once; `per_day`: customers
    that the machine enrols in a day."""

    ever: int | None = None
    days: int | None = None
    running: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """`audience`: a filter, empty for everybody. `trigger`: "" (by hand), "audience", or
    "alert:RULE" ("alert:own/NAME" for an own rule)."""

    name: str
    title: Words
    purpose: Words
    steps: tuple[Step, ...]
    audience: str = ""
    trigger: str = ""
    cap: Cap = Cap()
    exits: tuple[Exit, ...] = ()

    def step(self, name: str) -> Step | None:
        return next((it for it in self.steps if it.id == name), None)

    def place(self, name: str) -> int:
        """Where a step stands; raises KeyError for an unknown one."""
        for place, step in enumerate(self.steps):
            if step.id == name:
                return place
        raise KeyError(name)


def of(plain: Mapping[str, Any]) -> Definition:
    """The definition that `plain` wrote down; what `checks.faults` finds no fault with is read."""
    return Definition(
        name=plain["name"],
        title=Words(**plain["title"]),
        purpose=Words(**plain["purpose"]),
        steps=tuple(_step(it) for it in plain["steps"]),
        audience=plain.get("audience", ""),
        trigger=plain.get("trigger", ""),
        cap=Cap(**plain.get("cap", {})),
        exits=tuple(Exit(it["when"], Words(**it["reason"])) for it in plain.get("exits", ())),
    )


def _step(it: Mapping[str, Any]) -> Step:
    given = dict(it)
    given["title"], given["text"] = Words(**it["title"]), Words(**it["text"])
    given["kind"] = StepKind(it["kind"])
    if "start" in it:
        given["start"] = _start(it["start"])
    if it.get("due") is not None:
        given["due"] = Due(**it["due"])
    given["depends_on"] = tuple(it.get("depends_on", ()))
    given["outcomes"] = tuple(_outcome(each) for each in it.get("outcomes", ()))
    return Step(**given)


def _start(it: Mapping[str, Any]) -> Start:
    after = str(it.get("after", Anchor.PREVIOUS))
    named = after.startswith(ON_STEP)
    return Start(
        Anchor.STEP if named else Anchor(after),
        after.removeprefix(ON_STEP) if named else "",
        it.get("days", 0),
        it.get("working", False),
    )


def _outcome(it: Mapping[str, Any]) -> Outcome:
    return Outcome(it["id"], Words(**it["title"]), it.get("then", ""), it.get("when", ""))


def plain(definition: Definition) -> dict[str, Any]:
    """As JSON and YAML keep it, without what is usual; `of` reads it back."""
    found: dict[str, Any] = {
        "name": definition.name,
        "title": asdict(definition.title),
        "purpose": asdict(definition.purpose),
        "audience": definition.audience,
        "trigger": definition.trigger,
        "cap": {name: it for name, it in asdict(definition.cap).items() if it is not None},
        "exits": [asdict(it) for it in definition.exits],
        "steps": [_plain_step(it) for it in definition.steps],
    }
    return {name: it for name, it in found.items() if it or name in ("title", "purpose", "steps")}


USUAL: Final = Step("", Words("", ""), Words("", ""), StepKind.TASK)


def _plain_step(step: Step) -> dict[str, Any]:
    given = asdict(step)
    usual = asdict(USUAL)
    given["kind"] = step.kind.value
    after = step.start.anchor.value + (f":{step.start.step}" if step.start.step else "")
    start: dict[str, Any] = {"after": after}
    start |= {"days": step.start.days} if step.start.days else {}
    start |= {"working": True} if step.start.working else {}
    given["start"] = start
    usual["start"] = {"after": Anchor.PREVIOUS.value}
    if step.due:
        given["due"] = {"days": step.due.days} | ({"working": True} if step.due.working else {})
    given["depends_on"] = list(step.depends_on)
    given["outcomes"] = [
        {name: it for name, it in asdict(each).items() if it} for each in step.outcomes
    ]
    needed = ("id", "title", "text", "kind")
    return {
        name: it
        for name, it in given.items()
        if name in needed or (it != usual[name] and it not in ([], None))
    }
