"""The cards of a customer's assessments, offers and diagnoses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.customers.assessments.chart import Line, bars
from perennial.customers.assessments.queries import (
    assessments_of,
    diagnoses_of,
    proposals_of,
    suggested,
    template_of,
    templates,
)
from perennial.customers.assessments.rules.diagnosis import ANSWERS, ORDER
from perennial.customers.assessments.rules.scoring import compare, low_areas
from perennial.customers.assessments.rules.template import Template
from perennial.customers.assessments.wording import JUDGED, area_title, solution_title, spoken
from perennial.customers.models import Assessment, Customer, Diagnosis, Proposal
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.units.whole import whole
from perennial.web.formats import day as day_words
from perennial.web.panels import Panel

MOST: Final = 50  # assessments and diagnoses in the history


@dataclass(frozen=True, slots=True)
class AreaRow:
    title: str
    before: float | None
    after: float | None
    change: float | None
    is_low: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """An assessment beside an earlier one of the same form; `before` None: it is the first."""

    template: Template
    after: Assessment
    before: Assessment | None
    rows: list[AreaRow]


def assessed(
    user: User, customer: Customer, day: date, asked: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The newest assessment against the one before, or the two that the address names."""
    del day
    made = list(assessments_of(user, customer)[:MOST])
    pair = _pair(made, asked or {})
    return {
        "pair": pair,
        "title": spoken(pair.template.title) if pair else "",
        "chart": _chart(pair) if pair else "",
        "others": [it for it in made if pair and it.template.name == pair.template.name],
        "made": [(it, spoken(template_of(it.template).title)) for it in made],
        "forms": [(it.name, spoken(it.title)) for it in templates().values()],
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def _pair(made: Sequence[Assessment], asked: Mapping[str, str]) -> Pair | None:
    by_pk = {it.pk: it for it in made}
    after = by_pk.get(whole(asked.get("after", "")) or 0) or next(iter(made), None)
    if after is None:
        return None
    same = [it for it in made if it.template.name == after.template.name]
    earlier = [it for it in same if (it.made_on, it.pk) < (after.made_on, after.pk)]
    chosen = by_pk.get(whole(asked.get("before", "")) or 0)
    before = chosen if chosen in same and chosen != after else next(iter(earlier), None)
    template = template_of(after.template)
    low = low_areas(after.scores, low_score=template.low_score)
    rows = [
        AreaRow(area_title(template, it.name), it.before, it.after, it.change, it.name in low)
        for it in compare(before.scores if before else {}, after.scores)
    ]
    return Pair(template, after, before, rows)


def _chart(pair: Pair) -> str:
    lines = [Line(it.title, it.before, it.after, it.is_low) for it in pair.rows]
    title = spoken(pair.template.title) + " · " + day_words(pair.after.made_on)
    return bars(lines, low_score=pair.template.low_score, title=title)


def offers(user: User, customer: Customer, day: date) -> dict[str, Any]:
    """What runs and ran, and what the newest assessment suggests."""
    del day
    made = list(proposals_of(user, customer))
    newest = assessments_of(user, customer).first()
    template = template_of(newest.template) if newest else None
    return {
        "proposals": [(it, solution_title(it.offer), _tone(it)) for it in made],
        "newest": newest,
        "suggested": [
            (it.solution, solution_title(it.solution), it.area, area_title(template, it.area))
            for it in (suggested(newest, made) if newest else ())
            if template
        ],
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def _tone(proposal: Proposal) -> str:
    tones = {Proposal.State.ACCEPTED: "cool", Proposal.State.DELIVERED: "good"}
    return tones.get(Proposal.State(proposal.state), "")


@dataclass(frozen=True, slots=True)
class Judged:
    title: str
    points: int
    is_lacking: bool


@dataclass(frozen=True, slots=True)
class Told:
    diagnosis: Diagnosis
    judged: list[Judged]
    answer: str
    playbook: str


def diagnoses(user: User, customer: Customer, day: date) -> dict[str, Any]:
    """The newest diagnosis in full, the others as a history."""
    del day
    found = [_told(it) for it in diagnoses_of(user, customer)[:MOST]]
    return {
        "newest": found[0] if found else None,
        "earlier": found[1:],
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def _told(it: Diagnosis) -> Told:
    judged = [Judged(str(JUDGED[name]), getattr(it, name), it.lack == name) for name in ORDER]
    answer = ANSWERS[it.lack]
    return Told(it, judged, _(answer.text), answer.playbook)


def lack_title(lack: str) -> str:
    """Unwilling, unable, unprompted; or that nothing is lacking."""
    labels = dict(Diagnosis._meta.get_field("lack").choices or ())
    return str(labels.get(lack) or _("Nothing of the three"))


ASSESSMENTS = Panel(
    gettext_lazy("Assessments"),
    "customers/assessments/panel.html",
    assessed,
    asks=("before", "after"),
)
OFFERS = Panel(gettext_lazy("Offers"), "customers/assessments/offers.html", offers)
DIAGNOSES = Panel(gettext_lazy("Diagnosis"), "customers/assessments/diagnoses.html", diagnoses)
