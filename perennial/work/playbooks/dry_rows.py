"""A dry run as a page shows it: a line a step, with day, who does it, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.customers.models import Customer
from perennial.team.models import User
from perennial.web import formats
from perennial.work.playbooks import wording
from perennial.work.playbooks.queries.dry_run import DryStep, dry_run
from perennial.work.playbooks.rules.definition import Definition
from perennial.work.playbooks.rules.progress import Hold, Place
from perennial.work.playbooks.why import WHY

HELD: Final[Mapping[Hold, Promise]] = {
    Hold.STEPS: gettext_lazy("waits for steps that do not end"),
    Hold.DAY: gettext_lazy("its day lies too far ahead"),
    Hold.RENEWAL: gettext_lazy("there is no renewal date"),
    Hold.FAILED: gettext_lazy("a step before it does not work"),
}
_OFF = frozenset({Place.PASSED, Place.OVER})


@dataclass(frozen=True, slots=True)
class DryRow:
    """`tone` off: it would not be done. `ways` are its outcomes (id, words, chosen) where a
    person decides, so that another branch can be tried."""

    step: str
    when: str
    title: str
    kind: str
    words: str
    tone: str
    ways: Sequence[tuple[str, str, bool]]


def rows(
    definition: Definition,
    customer: Customer,
    day: date,
    *,
    by: User,
    choices: Mapping[str, str],
) -> list[DryRow]:
    """Nothing is written: what would happen at this customer from the morning after `day`."""
    return [_row(it) for it in dry_run(definition, customer, day, by=by, choices=choices)]


def _row(it: DryStep) -> DryRow:
    off = it.place in _OFF
    decides = not off and not it.step.decides_itself and len(it.step.outcomes) > 1
    return DryRow(
        it.step.id,
        formats.day(it.starts_on) if it.starts_on and not off else "–",
        wording.told(it.title),
        str(wording.KIND_TITLES[it.step.kind]),
        " · ".join(_words(it, off=off)),
        "off" if off else "",
        [(o.id, wording.told(o.title), o.id == it.outcome) for o in it.step.outcomes]
        if decides
        else (),
    )


def _words(it: DryStep, *, off: bool) -> list[str]:
    if off:
        return [str(WHY.get(it.why or "passed", ""))]
    said = [it.chosen.owner.name if it.chosen.owner else wording.owner(it.step)]
    if it.due_on and it.due_on != it.starts_on:
        said.append(_("due on %(day)s") % {"day": formats.day(it.due_on)})
    if it.fits is None:
        said.append(str(WHY["condition_gone"]))
    if it.measured is not None:
        met = _("met now") if it.measured.is_met else _("not met yet")
        condition = wording.completion(it.step)
        said.append(_("%(condition)s: %(state)s") % {"condition": condition, "state": met})
    if it.hold is not None and it.starts_on is None:
        said.append(str(HELD[it.hold]))
    return said
