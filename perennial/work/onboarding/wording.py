"""The way in in words: why who brings a customer in, what shows a milestone, how things stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from perennial.customers.models import Stage, TouchKind
from perennial.web.formats import chinese, day, money, number, percent
from perennial.work.models import Handover, Milestone, Onboarding
from perennial.work.onboarding.actions.progress import LEFT
from perennial.work.onboarding.rules.deal import Why
from perennial.work.onboarding.rules.definition import HOW, Carried, Measure, Step, Title
from perennial.work.onboarding.rules.delivery import Lag, UseState
from perennial.work.onboarding.rules.milestones import MilestoneState
from perennial.work.plans.rules.touchpoints import OTHER_TIER, Anchor, Rule

Words = str | Promise

WHY: Mapping[Why, Words] = {
    Why.WORK: gettext_lazy("“%(work)s” holds implementation or custom work"),
    Why.ABOVE: gettext_lazy("first order %(arr)s a year, above %(team_above)s"),
    Why.BELOW: gettext_lazy("first order %(arr)s a year, below %(sales_below)s"),
    Why.BETWEEN: gettext_lazy("first order %(arr)s a year, from %(sales_below)s to %(team_above)s"),
    Why.UNKNOWN: gettext_lazy("the yearly amount of the first order is not known: a CSM for now"),
    Why.NO_ORDER: gettext_lazy("no paid order yet: a CSM for now"),
}
MILESTONES: Mapping[MilestoneState, tuple[Words, str, str]] = {
    MilestoneState.DONE: (pgettext_lazy("milestone", "reached"), "good", "circle-check"),
    MilestoneState.DONE_LATE: (pgettext_lazy("milestone", "reached late"), "warn", "circle-check"),
    MilestoneState.LATE: (pgettext_lazy("milestone", "late"), "bad", "alert-triangle"),
    MilestoneState.OPEN: (pgettext_lazy("milestone", "open"), "", "clock"),
}
LAGS: Mapping[Lag, tuple[Words, str]] = {
    Lag.DONE: (pgettext_lazy("phase", "done"), "good"),
    Lag.DONE_LATE: (pgettext_lazy("phase", "done late"), "warn"),
    Lag.LATE: (pgettext_lazy("phase", "late"), "bad"),
    Lag.CURRENT: (pgettext_lazy("phase", "under way"), "cool"),
    Lag.AHEAD: (pgettext_lazy("phase", "ahead"), ""),
}
USES: Mapping[UseState, tuple[Words, str]] = {
    UseState.NOT_LIVE: (pgettext_lazy("use check", "not live yet"), ""),
    UseState.USED: (pgettext_lazy("use check", "really used"), "good"),
    UseState.WAITING: (pgettext_lazy("use check", "usage is awaited"), "cool"),
    UseState.NOT_USED: (pgettext_lazy("use check", "live, but not used"), "bad"),
    UseState.UNKNOWN: (pgettext_lazy("use check", "usage is not connected"), ""),
}
HANDED: Mapping[str, str] = {
    Handover.State.DRAFT: "",
    Handover.State.OFFERED: "cool",
    Handover.State.ACCEPTED: "good",
    Handover.State.RETURNED: "bad",
}
VERDICTS: Mapping[str, str] = {
    "unknown": "",
    "kept": "good",
    "roadmap": "warn",
    "impossible": "bad",
}
CARRIED: Mapping[Carried, Words] = {
    Carried.TASK: pgettext_lazy("stage", "Task"),
    Carried.GOAL: pgettext_lazy("stage", "Value goal"),
}
MEASURES: Mapping[Measure, Words] = {
    Measure.HAND: gettext_lazy("A person says so"),
    Measure.TOUCH: gettext_lazy("Touches logged"),
    Measure.FIRST_USE: gettext_lazy("First use"),
    Measure.PEOPLE: gettext_lazy("Active people, 28 d"),
    Measure.DAYS: gettext_lazy("Days with use, 28 d"),
    Measure.FEATURES: gettext_lazy("Features used, 28 d"),
    Measure.SEATS: gettext_lazy("Share of the seats, 28 d"),
}


def told(title: Title) -> str:
    """In the language that is spoken."""
    return title.zh if chinese() else title.en


def step_title(step: Step | None, name: str = "") -> str:
    return told(step.title) if step else name


def why(way: Onboarding, *, with_money: bool) -> str:
    """Why sales, a CSM or the implementation team; without amounts for who sees none."""
    kept = way.owner_why
    reason = Why(kept.get("why", Why.UNKNOWN))
    if reason in (Why.ABOVE, Why.BELOW, Why.BETWEEN) and not with_money:
        return _("by the size of the first order")
    names = ("arr", "sales_below", "team_above")
    amounts = {it: _amount(kept.get(it), kept.get("currency", "")) for it in names}
    return str(WHY[reason]) % {**amounts, "work": kept.get("work", "")}


def _amount(text: object, currency: str) -> str:
    return money(Decimal(str(text)), currency) if text is not None else "–"


def how(step: Step) -> str:
    """What a milestone is reached by."""
    n = percent(step.at_least) if step.measure is Measure.SEATS else number(step.at_least)
    kinds = pgettext("list", ", ").join(str(TouchKind(it).label) for it in step.kinds)
    found = _(HOW[step.measure]).format(n=n, kinds=kinds or _("Touch"))
    if step.measure is Measure.TOUCH and step.at_least > 1:
        found = _("%(what)s, %(n)s times") % {"what": found, "n": n}
    if step.grades:
        grades = pgettext("list", ", ").join(step.grades)
        found = _("%(what)s with somebody of grade %(grades)s") % {"what": found, "grades": grades}
    return found


def evidence(milestone: Milestone, step: Step | None) -> str:
    """What showed it: the touch, the figure, or what a person wrote."""
    kept: dict[str, Any] = milestone.evidence
    if not milestone.by_data:
        return str(kept.get("note", ""))
    if "kind" in kept:
        return _talk(kept)
    if "value" in kept and step is not None:
        return _figure(kept, step)
    return _("first use seen on %(day)s") % {"day": day(milestone.done_on)}


def _talk(kept: Mapping[str, Any]) -> str:
    found = str(TouchKind(kept["kind"]).label)
    if kept.get("person"):
        grade = f" ({kept['grade']})" if kept.get("grade") else ""
        found = f"{found} · {kept['person']}{grade}"
    if kept.get("trained"):
        n = number(kept["trained"])
        found = _("%(what)s · %(n)s people trained") % {"what": found, "n": n}
    return found


def _figure(kept: Mapping[str, Any], step: Step) -> str:
    if step.measure is Measure.SEATS:
        rate = percent(kept["value"])
        people = {"people": number(kept["people"]), "seats": number(kept["seats"]), "rate": rate}
        return _("%(people)s of %(seats)s seats active: %(rate)s") % people
    value, least = number(kept["value"]), number(kept["at_least"])
    return _("%(title)s: %(value)s (wanted %(least)s)") % {
        "title": MEASURES[step.measure],
        "value": value,
        "least": least,
    }


def stopped(way: Onboarding) -> str:
    """Why it was stopped."""
    return _("The customer left.") if way.stopped_reason == LEFT else way.stopped_reason


def stage_title(value: str) -> str:
    return str(Stage(value).label) if value in Stage.values else value


def group_title(by: str, name: str) -> str:
    """A month, a tier, or who brought the customer in."""
    if by == "tier":
        return name or pgettext("tier", "none")
    if by == "kind":
        return str(dict(Onboarding._meta.get_field("owner_kind").flatchoices).get(name, name))
    return name


_NATURAL: Mapping[Anchor, str] = {
    Anchor.START: Stage.ONBOARDING,
    Anchor.RENEWAL: Stage.PRE_RENEWAL,
    Anchor.EVERY: Stage.STEADY,
}
_WHEN: Mapping[Anchor, Words] = {
    Anchor.START: gettext_lazy("%(title)s, day %(days)s"),
    Anchor.RENEWAL: gettext_lazy("%(title)s, %(days)s days before the renewal"),
    Anchor.EVERY: gettext_lazy("%(title)s, every %(days)s days"),
}


def touchpoints(rules: Iterable[Rule], *, stage: str, tier: str) -> list[str]:
    """Those that a stage brings a customer of a tier, with their days."""
    found = []
    for rule in rules:
        days = rule.days.get(tier or OTHER_TIER)
        stages = rule.stages or (_NATURAL[rule.anchor],)
        if days is not None and stage in stages:
            title = rule.title["zh" if chinese() else "en"]
            found.append(str(_WHEN[rule.anchor]) % {"title": title, "days": number(days)})
    return found
