"""The backtest page: the scorecards held against what became of customers.

It runs in the request that asks for it (5,000 renewals take seconds, not minutes), and what is
slow about it is kept: choosing another profile or horizon afterwards is immediate.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.health.backtest.chosen import DRAFT, profile_named
from perennial.health.backtest.kept import kept_backtest, seen_by
from perennial.health.backtest.run import Kind, Question
from perennial.health.backtest.shown import shown
from perennial.health.backtest.wording import profile_titles
from perennial.health.queries.profiles import drafts, profiles_in_force
from perennial.health.rules.definition import Profile, of
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.whole import whole
from perennial.web.asked import text
from perennial.web.faults import in_words

SILENT_DAYS = 90
LONGEST_SILENCE = 3660


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The form; with `outcomes` in the address also the figures, of the customers one sees."""
    user = who(request)
    require(user, Page.HEALTH)
    kind = _kind(request)
    context: dict[str, Any] = {
        "kind": kind.value if kind else Kind.RENEWALS.value,
        "kinds": [it.value for it in Kind],
        "silent_days": _silent_days(request),
        "from_on": _day(request, "from"),
        "to_on": _day(request, "to"),
        "profile": text(request.GET, "profile", most=60),
        "choices": _choices(user),
        "asked": kind is not None,
        "own": seen_by(user) is not None,
    }
    if kind is not None:
        context |= _result(request, user, _question(request, user, kind))
    partial = request.headers.get("HX-Target") == "result"
    template = "health/_backtest_result.html" if partial else "health/backtest.html"
    return render(request, template, context)


def _result(request: HttpRequest, user: User, question: Question) -> dict[str, Any]:
    name = text(request.GET, "profile", most=60)
    if name.endswith(f":{DRAFT}"):
        require(user, Page.HEALTH_DEFINITIONS)
    try:
        profiles = [profile_named(name)] if name else profiles_in_force()
        found = kept_backtest(question, profiles)
    except InputRefused as wrong:
        return {"fault": in_words(wrong)}
    days = whole(request.GET.get("days", ""))
    return shown(found, days=days, with_amounts=can(user, Page.REVENUE))


@require_GET
def beside(request: HttpRequest, name: str) -> HttpResponse:
    """The backtest of a profile's draft (else of what is in force) in a few lines, for the
    editor; renewals where there are enough of them, else silence."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    draft = drafts().get(name)
    try:
        profile = of(draft.definition) if draft else profile_named(name)
        context = summary(user, profile, today=_today())
    except InputRefused as wrong:
        context = {"fault": in_words(wrong)}
    except (KeyError, TypeError, ValueError):  # half a text: the editor says what is wrong
        return HttpResponse()
    context["profile_name"] = f"{name}:{DRAFT}" if draft else name
    return render(request, "health/_backtest_beside.html", context)


def summary(user: User, profile: Profile, *, today: date) -> dict[str, Any]:
    """The outcomes with most to say about a profile alone, with n and warnings."""
    own = seen_by(user)
    renewals = Question(Kind.RENEWALS, known_on=today, customers=own)
    found = kept_backtest(renewals, [profile])
    if not any(it.has_figures for it in found.horizons):
        silence = replace(renewals, kind=Kind.SILENT, silent_days=SILENT_DAYS)
        found = kept_backtest(silence, [profile])
    return {"kind": found.question.kind, "silent_days": SILENT_DAYS} | shown(
        found, days=None, with_amounts=can(user, Page.REVENUE)
    )


def _question(request: HttpRequest, user: User, kind: Kind) -> Question:
    return Question(
        kind,
        known_on=_today(),
        from_on=_day(request, "from"),
        to_on=_day(request, "to"),
        silent_days=_silent_days(request) if kind is Kind.SILENT else 0,
        customers=seen_by(user),
    )


def _kind(request: HttpRequest) -> Kind | None:
    asked = request.GET.get("outcomes", "")
    return Kind(asked) if asked in set(Kind) else None


def _silent_days(request: HttpRequest) -> int:
    found = whole(request.GET.get("n", ""))
    return found if found is not None and 1 <= found <= LONGEST_SILENCE else SILENT_DAYS


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


def _choices(user: User) -> list[tuple[str, str]]:
    """Profiles that can be tried alone; drafts only for those who edit them."""
    found = [(it.name, it) for it in profiles_in_force()]
    if can(user, Page.HEALTH_DEFINITIONS):
        for name, row in sorted(drafts().items()):
            try:
                found.append((f"{name}:{DRAFT}", of(row.definition)))
            except (KeyError, TypeError, ValueError):  # a draft may be half a text
                continue
    titles = profile_titles([it for _name, it in found])
    return [(name, title) for (name, _it), title in zip(found, titles, strict=True)]


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
