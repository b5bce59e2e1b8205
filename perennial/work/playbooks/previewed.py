"""What a text of a playbook would do now: who fits, who is left out and why, a dry run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.customers.filter_words import part_in_words
from perennial.customers.filters import FilterRefused, parse
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team.days import last_day
from perennial.team.models import User
from perennial.units.errors import RowError
from perennial.units.moment import business_day
from perennial.web.faults import in_words
from perennial.work.playbooks import dry_rows
from perennial.work.playbooks.facts import FIELDS
from perennial.work.playbooks.queries.definitions import rules_known
from perennial.work.playbooks.queries.entering import Match, matches
from perennial.work.playbooks.rules.caps import LeftOut
from perennial.work.playbooks.rules.checks import hints
from perennial.work.playbooks.rules.definition import Definition, of

FIRST, CANDIDATES = 12, 25
LEFT_OUT: Final[Mapping[LeftOut, Promise]] = {
    LeftOut.RUNNING: _("running there already"),
    LeftOut.EVER: _("been through it as often as may be"),
    LeftOut.LATELY: _("in it a short while ago"),
    LeftOut.FULL: _("as many at once as may be"),
    LeftOut.ENOUGH_TODAY: _("enough for today"),
    LeftOut.AUDIENCE: _("not of the audience"),
    LeftOut.GONE: _("no customer any more"),
}


def today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


def audience_in_words(text: str) -> list[str] | None:
    """Every condition in words; None for a filter that cannot be read."""
    known = {it.name: it for it in FIELDS}
    try:
        return [part_in_words(part, known, _owners()) for part in parse(text).parts] if text else []
    except (FilterRefused, KeyError):
        return None


def _owners() -> dict[int, str]:
    return dict(User.objects.values_list("pk", "name"))


def fitting(user: User, definition: Definition) -> int:
    """How many would come in now, of those that the user sees."""
    return sum(it.left_out is None for it in _matches(user, definition))


def _matches(user: User, definition: Definition) -> list[Match]:
    day = last_day()
    return matches(definition, user, day, as_of=today()) if day else []


def previewed(
    user: User,
    definition: Mapping[str, Any],
    faults: Sequence[RowError],
    *,
    tried: int | None = None,
    choices: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """For the template: faults, or who fits with names, who does not and why, and a dry run at
    the customer `tried`, where people take the outcomes `choices`."""
    if faults:
        return {"faults": [in_words(it) for it in faults]}
    read = of(definition)
    found = _matches(user, read)
    fit = [it.customer for it in found if it.left_out is None]
    why = Counter(it.left_out for it in found if it.left_out is not None)
    shown = _candidates(user, fit)
    customer = next((it for it in shown if it.pk == tried), shown[0] if shown else None)
    return {
        "fitting": len(fit),
        "first": fit[:FIRST],
        "more": max(len(fit) - FIRST, 0),
        "left_out": [(LEFT_OUT[it], n) for it, n in why.most_common()],
        "hints": [in_words(it) for it in hints(read, rules_known())],
        "candidates": shown,
        "tried": customer,
        "dry": dry_rows.rows(read, customer, day, by=user, choices=choices or {})
        if customer and (day := last_day())
        else (),
    }


def _candidates(user: User, fit: Sequence[Customer]) -> list[Customer]:
    """At whom it can be tried: those who fit first, then others."""
    others = visible_customers(user).exclude(pk__in=[it.pk for it in fit[:CANDIDATES]])
    return [*fit[:CANDIDATES], *others.order_by("name")[: max(CANDIDATES - len(fit), 0)]]
