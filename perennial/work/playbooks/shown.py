"""A run as its pages show it: every step with where it stands, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.team.models import User
from perennial.work.models import Run, StepRun, WorkItem
from perennial.work.playbooks import wording
from perennial.work.playbooks.engine.moving import Moment
from perennial.work.playbooks.queries.runs import StepView, standing
from perennial.work.playbooks.rules.definition import Definition, of
from perennial.work.playbooks.rules.progress import Hold, Place
from perennial.work.playbooks.why import NOTES, WHY, end_reason

LONGEST_MAIL = 1500  # letters: browsers and mail programs cut longer links
STATES = {
    Place.ENDED: (_("done"), "good", "circle-check"),
    Place.PASSED: (_("passed over"), "", "arrow-bar-to-down"),
    Place.WAITING: (_("to come"), "", "clock"),
    Place.STARTS: (_("starts"), "", "clock"),
    Place.OPEN: (_("open"), "warn", "circle-dot"),
    Place.OVER: (_("time over"), "", "clock"),
    Place.BLOCKED: (_("held"), "bad", "alert-triangle"),
}
HOLDS: dict[Hold, str | Promise] = {
    Hold.RENEWAL: _("there is no renewal date: it waits for one, or leave it out"),
    Hold.FAILED: _("it did not work: do it another way, or leave it out"),
}


@dataclass(frozen=True, slots=True)
class StepShown:
    """`can_finish`: open, to be ended here; `ways` its outcomes; `late`: past its due day."""

    id: str
    title: str
    text: str
    note: str
    kind: str
    icon: str
    word: str
    tone: str
    owner: User | None
    who: str
    starts_on: date | None
    due_on: date | None
    done_on: date | None
    outcome: str
    said: str
    by: str
    by_data: bool
    why: str
    late: bool
    can_finish: bool
    can_skip: bool
    ways: tuple[tuple[str, str], ...]
    item: WorkItem | None
    mailto: str


@dataclass(frozen=True, slots=True)
class RunShown:
    """A run with its steps; `now` the open ones, `done` of `total` steps behind it."""

    run: Run
    title: str
    purpose: str
    steps: tuple[StepShown, ...]
    ended_because: str

    @property
    def now(self) -> tuple[StepShown, ...]:
        return tuple(it for it in self.steps if it.can_finish)

    @property
    def done(self) -> int:
        return sum(it.done_on is not None for it in self.steps)

    @property
    def is_running(self) -> bool:
        return self.run.state == Run.State.RUNNING


def run_shown(run: Run, *, at: datetime) -> RunShown:
    moment = Moment.now(at)
    definition: Definition = of(run.version.definition)
    steps = tuple(_step(run, it, moment.as_of) for it in standing(run, moment=moment))
    return RunShown(
        run,
        wording.title(definition),
        wording.told(definition.purpose),
        steps,
        end_reason(run, definition),
    )


def _step(run: Run, it: StepView, today: date) -> StepShown:
    step, row = it.step, it.row
    running = run.state == Run.State.RUNNING
    is_open = running and row is not None and row.state == StepRun.State.OPEN
    word, tone = _state(it, running=running)
    why = WHY.get(it.why) or (HOLDS.get(it.standing.hold) if it.standing.hold else None)
    due_on = (row.due_on if row else None) or it.standing.due_on
    item = row.item if row else None
    ended = row is not None and row.state in (StepRun.State.DONE, StepRun.State.SKIPPED)
    return StepShown(
        id=step.id,
        title=_filled(item, "title") or wording.title(step),
        text=_filled(item, "text") or wording.told(step.text),
        note=str(NOTES.get(step.kind, "")),
        kind=str(wording.KIND_TITLES[step.kind]),
        icon=wording.KIND_ICONS[step.kind],
        word=word,
        tone=tone,
        owner=_owner(run, row),
        who=wording.owner(step),
        starts_on=(row.starts_on if row else None) or it.standing.starts_on,
        due_on=due_on if not ended else None,
        done_on=row.done_on if row else None,
        outcome=wording.told(it.outcome.title) if it.outcome else "",
        said=row.note if row else "",
        by=row.by.name if row and row.by else "",
        by_data=bool(row and row.by_data),
        why=str(why or ""),
        late=is_open and due_on is not None and due_on < today,
        can_finish=is_open and not (row and row.sub_runs.exists()),
        can_skip=running and not ended,
        ways=tuple((each.id, wording.told(each.title)) for each in step.outcomes),
        item=item,
        mailto=_mailto(item) if is_open else "",
    )


def _state(it: StepView, *, running: bool) -> tuple[str, str]:
    """The state of a step as a word with its tone."""
    if it.row is None:
        word, tone, _icon = STATES[it.standing.place]
        return (str(word), tone) if running else (str(_("not reached")), "")
    if it.row.state == StepRun.State.SKIPPED:
        return str(_("left out")), ""
    if it.row.state == StepRun.State.FAILED:
        return str(_("failed")), "bad"
    word, tone, _icon = STATES[it.standing.place]
    return str(word), tone


def _filled(item: WorkItem | None, column: str) -> str:
    """The text with the names filled in; as somebody changed it, if somebody did."""
    if item is None:
        return ""
    both = item.params.get(column)
    text: str = getattr(item, column)
    return wording.told(both) if both and both.get("zh") == text else text


def _owner(run: Run, row: StepRun | None) -> User | None:
    if row is None:
        return None
    mine = row.item.owner if row.item else row.owner
    return mine or run.customer.owner


def _mailto(item: WorkItem | None) -> str:
    """An address that opens the draft in one's own mail program; empty without one."""
    if item is None or not item.params.get("mailto"):
        return ""
    subject, body = _filled(item, "title"), _filled(item, "text")[:LONGEST_MAIL]
    to = quote(str(item.params["mailto"]), safe="@")
    return f"mailto:{to}?subject={quote(subject)}&body={quote(body)}"
