"""The queue in words: why, what to do, and what the rank is made of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from perennial.alerts.models import Kind, Rule
from perennial.alerts.wording import told
from perennial.health.rules.parts import Part, State
from perennial.health.wording import filled, reason
from perennial.web.formats import money, number, percent
from perennial.work.models import Reason, WorkItem
from perennial.work.playbooks.why import NOTES
from perennial.work.reasons import RULES
from perennial.work.rules import Chance

SENTENCES: dict[tuple[str, str], Promise] = {
    (Reason.LOW_HEALTH, ""): gettext_lazy("health %(score)s, red since %(since_on)s"),
    (Reason.RENEWAL_DUE, ""): gettext_lazy("renewal in %(days)s days: %(amount)s"),
    (Reason.RENEWAL_DUE, "late"): gettext_lazy(
        "renewal %(days)s days overdue and not signed: %(amount)s"
    ),
    (Reason.RENEWAL_DUE, "notice"): gettext_lazy("notice given, service ends on %(due_on)s"),
    (Reason.ONBOARDING_STUCK, ""): gettext_lazy(
        "day %(days)s of onboarding, not used for %(quiet)s days"
    ),
    (Reason.ONBOARDING_STUCK, "never"): gettext_lazy(
        "day %(days)s of onboarding, not used at all yet"
    ),
    (Reason.NO_TOUCH, ""): gettext_lazy(
        "no contact for %(days)s days; tier %(tier)s asks for every %(cadence)s"
    ),
    (Reason.GROWTH, "seats"): gettext_lazy("%(people)s people active on %(seats)s seats"),
    (Reason.GROWTH, "usage"): gettext_lazy(
        "usage up %(growth_rate)s on its own past: %(count)s uses in 28 days"
    ),
    (Reason.TASK, ""): gettext_lazy("a task of the team"),
    (Reason.STEP, ""): gettext_lazy("a step of a playbook"),
    (Reason.MILESTONE, ""): gettext_lazy("milestone “%(title)s” was due on %(due_on)s"),
    (Reason.TOUCHPOINT, ""): gettext_lazy("touchpoint “%(title)s”, due on %(due_on)s"),
    (Reason.HANDOVER, ""): gettext_lazy("handed over on %(since_on)s, not answered yet"),
    (Reason.DELIVERY, ""): gettext_lazy("delivery “%(title)s”: %(phase)s was due on %(due_on)s"),
    (Reason.DELIVERY, "unused"): gettext_lazy(
        "delivery “%(title)s”: live since %(golive_on)s, and usage does not show it"
    ),
    (Reason.PLAN, ""): gettext_lazy("success plan: “%(title)s”, due on %(due_on)s"),
}
ADVICE: dict[tuple[str, str], Promise] = {
    (Reason.USAGE_DROP, Kind.STOP): gettext_lazy(
        "Call the core user today: can they log in, has the process moved elsewhere?"
    ),
    (Reason.USAGE_DROP, Kind.FADE): gettext_lazy(
        "Review who stopped using it, and agree one next goal with the person in charge."
    ),
    (Reason.USAGE_DROP, ""): gettext_lazy(
        "Ask the core user what changed (people, process, season), then fix or retrain."
    ),
    (Reason.SILENT, ""): gettext_lazy(
        "Win back: call the last active person, ask why it rests, note the reason."
    ),
    (Reason.LOW_HEALTH, ""): gettext_lazy(
        "Open the scorecard, take the weakest group and agree one step on it."
    ),
    (Reason.CONTACT_LEFT, ""): gettext_lazy(
        "Find the successor, meet within a week, and rebuild the goals with them."
    ),
    (Reason.DETRACTOR, ""): gettext_lazy(
        "Call back within two days, listen, and write down what you promise."
    ),
    (Reason.INVOICE_OVERDUE, ""): gettext_lazy(
        "Ask finance and the customer what holds the payment: a dispute or a form?"
    ),
    (Reason.CONTACT_SILENT, ""): gettext_lazy(
        "Write to them with one thing of use, or ask a colleague of theirs what changed."
    ),
    (Reason.SEATS_FALLING, ""): gettext_lazy(
        "Ask who leaves and why, and show what the remaining seats bring, before the next cut."
    ),
    (Reason.RENEWAL_INACTIVE, ""): gettext_lazy(
        "Restart the use with one small goal now: what nobody uses is not renewed."
    ),
    (Reason.NOTICE_NEAR, ""): gettext_lazy(
        "Talk to the decision maker before the deadline, and note what they intend."
    ),
    (Reason.SCORE_AGAINST_MONEY, ""): gettext_lazy(
        "Believe the money: find out what the score does not see, and note it as an opinion."
    ),
    (Reason.GOAL_MISSED, ""): gettext_lazy(
        "Look at the goal with the person in charge: is it still theirs, and what is in the way?"
    ),
    (Reason.SUPPORT_LOAD, ""): gettext_lazy(
        "Read the open tickets, find the common cause, and tell the customer who works on it."
    ),
    (Reason.VALUE_UNKNOWN, ""): gettext_lazy(
        "Ask each decision maker what it has brought them, 0 to 10, and note it with the evidence."
    ),
    (Reason.OWN, ""): gettext_lazy("Do what your team agreed on for this rule."),
    (Reason.RENEWAL_DUE, "late"): gettext_lazy(
        "Call the decision maker today: sign, extend, or record why it is lost."
    ),
    (Reason.RENEWAL_DUE, "notice"): gettext_lazy(
        "Ask for a last talk with the decision maker; record the reason for leaving."
    ),
    (Reason.RENEWAL_DUE, ""): gettext_lazy(
        "Send the value summary, confirm the decision maker and the budget, book the talk."
    ),
    (Reason.ONBOARDING_STUCK, ""): gettext_lazy(
        "Find what blocks the first use (people, data, training) and book a session."
    ),
    (Reason.NO_TOUCH, ""): gettext_lazy(
        "Get in touch with one useful thing: a case, a figure of theirs, a new feature."
    ),
    (Reason.GROWTH, "seats"): gettext_lazy("Offer more seats before somebody is turned away."),
    (Reason.GROWTH, ""): gettext_lazy("Ask what goes well, and whether other teams need it too."),
    (Reason.TASK, ""): gettext_lazy("Do it, or say why it need not be done."),
    (Reason.STEP, ""): gettext_lazy(
        "Do it, and say how it ended: the playbook goes on from there."
    ),
    (Reason.MILESTONE, ""): gettext_lazy(
        "Find out what holds it up, and agree a day with the person in charge."
    ),
    (Reason.TOUCHPOINT, ""): gettext_lazy(
        "Agree a date, prepare one figure of theirs, and log it afterwards."
    ),
    (Reason.HANDOVER, ""): gettext_lazy(
        "Read the goals and promises; accept it, or return it and say what is missing."
    ),
    (Reason.DELIVERY, ""): gettext_lazy(
        "Ask the owner what is missing, and tell the customer the new day."
    ),
    (Reason.DELIVERY, "unused"): gettext_lazy(
        "Ask who should use it and what keeps them; a training often does."
    ),
    (Reason.PLAN, ""): gettext_lazy("Do our part, or remind them of theirs, and note it."),
    (Reason.PROMOTER, ""): gettext_lazy("Say thank you, and ask for a case or a referral."),
}


def _weakest(kept: Mapping[str, Any]) -> str:
    """The weakest measure in words; nothing where an older version kept it otherwise."""
    if "source" not in kept:
        return ""
    part = Part(
        kept["source"],
        "",
        0,
        State.PRESENT,
        kept["value"],
        kept["points"],
        kept["params"],
        source=kept["source"],
    )
    return reason(part)


def sentence(item: WorkItem, *, money: bool = True) -> str:
    """Why this customer is here; alerts without amounts for those who see no money."""
    if item.title:
        return own_text(item, "title")
    if rule := RULES.get(Reason(item.reason)):
        return told(rule, kind=item.kind, params=item.params, money=money)
    if item.reason == Reason.PROMOTER:
        return told(Rule.DETRACTOR, kind="", params=item.params, money=True)
    text = filled(str(SENTENCES[(item.reason, item.kind)]), _amounts(item.params))
    if item.params.get("weakest"):
        why = _weakest(item.params["weakest"])
        return _("%(text)s; %(why)s") % {"text": text, "why": why} if why else text
    quiet = item.params.get("quiet")
    if item.reason == Reason.RENEWAL_DUE and quiet is not None and quiet > 30:
        return _("%(text)s; last contact %(days)s days ago") % {
            "text": text,
            "days": number(quiet),
        }
    return text


def _amounts(params: Mapping[str, Any]) -> dict[str, Any]:
    language = (get_language() or "en")[:2]
    params = {  # texts of definitions are kept in both languages
        name: value[language] if isinstance(value, Mapping) and language in value else value
        for name, value in params.items()
    }
    if "amount" not in params:
        return dict(params)
    told = params["amount"]
    amount = money(Decimal(str(told)), str(params["currency"])) if told else _("unknown")
    return {**params, "amount": amount}


def own_text(item: WorkItem, column: str) -> str:
    """A text of the item itself: a step's in the reader's language, while nobody has changed it."""
    text: str = getattr(item, column)
    both = item.params.get(column) if item.reason == Reason.STEP else None
    if isinstance(both, Mapping) and both.get("zh") == text:
        return str(both["zh" if (get_language() or "en").startswith("zh") else "en"])
    return text


def advice(item: WorkItem) -> str:
    """What to do first; nothing for what says it itself."""
    if item.title:
        note = NOTES.get(item.params.get("kind", "")) if item.reason == Reason.STEP else None
        text = own_text(item, "text")
        return f"{note}\n\n{text}" if note else text
    own = ADVICE.get((item.reason, item.kind))
    return str(own or ADVICE[(item.reason, "")])


def money_note(item: WorkItem) -> str:
    """The amount at stake, or why there is none."""
    if item.money_at_risk is not None:
        return money(item.money_at_risk, item.currency)
    if item.terms.get("stand_in"):
        return _("amount unknown: ranked like the median customer")
    return _("no amounts known: ranked by severity and urgency")


def chance_label(chance: Chance) -> str:
    """`35 % · assumed`, or `52 % · measured n=63, 40–64 %`."""
    if chance.low is None or chance.high is None:
        return _("%(rate)s · assumed") % {"rate": percent(chance.rate)}
    return _("%(rate)s · measured n=%(cases)s, %(low)s–%(high)s") % {
        "rate": percent(chance.rate),
        "cases": number(chance.cases),
        "low": number(chance.low * 100, decimals=0),
        "high": percent(chance.high),
    }


def _chance_name(kept: Mapping[str, Any]) -> str:
    if kept.get("chance_low") is None:
        return _("Chance that acting helps (assumed)")
    return _("Chance that acting helps (measured n=%(cases)s, %(low)s–%(high)s)") % {
        "cases": number(kept["chance_cases"]),
        "low": number(kept["chance_low"] * 100, decimals=0),
        "high": percent(kept["chance_high"]),
    }


def terms(item: WorkItem) -> list[tuple[str, str]]:
    """The factors of the rank, in the order of the formula."""
    kept = item.terms
    stake = kept.get("stake") or kept.get("stand_in")
    amount = money(Decimal(stake), item.currency or "CNY") if stake else _("unknown")
    if stake and not kept.get("stake"):
        amount = _("unknown (median %(amount)s)") % {"amount": amount}
    return [
        (_("Money at stake"), amount),
        (_("Severity"), percent(kept["severity_rate"])),
        (_chance_name(kept), percent(kept["chance_rate"])),
        (_("Urgency"), percent(kept["urgency_rate"])),
        (
            _("Effort (assumed)"),
            _("%(hours)s h") % {"hours": number(kept["effort_hours"], decimals=1)},
        ),
    ]
