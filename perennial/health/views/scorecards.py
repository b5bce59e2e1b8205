"""Who is judged by what: the list of profiles, one profile, its versions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.health.actions.profiles import NAME, restore, retire, save_draft
from perennial.health.forms.profile import NewProfileForm
from perennial.health.models import ProfileVersion
from perennial.health.profile_rows import groups_of, limits_of
from perennial.health.profile_wording import (
    HIERARCHIES,
    audience_in_words,
    change_in_words,
    sources_of,
    title_of,
)
from perennial.health.queries.board import Bands, Day, day_of
from perennial.health.queries.profiles import (
    Version,
    draft_of,
    drafts,
    newest_versions,
    versions_of,
)
from perennial.health.rules.compare import changes
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words


@dataclass(frozen=True, slots=True)
class Listed:
    """A profile in the list. `version` None: only a draft, it judges nobody yet."""

    name: str
    title: str
    priority: object
    audience: str
    version: int | None
    draft: ProfileVersion | None
    is_retired: bool
    measures: int
    bands: Bands | None


@require_GET
def scorecards(request: HttpRequest) -> HttpResponse:
    """Every profile, the first that wins on top, and how many customers each judges."""
    user = who(request)
    require(user, Page.HEALTH)
    day = day_of(user)
    listed = _listed(day)
    context = {
        "day": day,
        "profiles": [it for it in listed if not it.is_retired],
        "retired": [it for it in listed if it.is_retired],
        "can_edit": can(user, Page.HEALTH_DEFINITIONS),
    }
    return render(request, "health/scorecards.html", context)


def _listed(day: Day) -> list[Listed]:
    begun = drafts()
    newest = newest_versions()
    found = []
    for name in {**newest, **begun}:
        version = newest.get(name)
        definition = version.definition if version else begun[name].definition
        found.append(
            Listed(
                name=name,
                title=title_of(definition),
                priority=definition.get("priority"),
                audience=audience_in_words(str(definition.get("audience", ""))),
                version=version.version if version else None,
                draft=begun.get(name),
                is_retired=bool(version and version.is_retired and name not in begun),
                measures=len(definition.get("measures", ())),  # type: ignore[arg-type]  # a list
                bands=day.by_profile.get(name),
            )
        )
    return sorted(found, key=lambda it: (-_number(it.priority), it.name))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


@require_GET
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """One profile as it judges now: measures by group, scales, exceptions, versions."""
    user = who(request)
    require(user, Page.HEALTH)
    version, versions = _version(request, name)
    day = day_of(user)
    definition = version.definition
    context = {
        "name": name,
        "title": title_of(definition),
        "version": version,
        "newest": versions[0],
        "versions": versions,
        "definition": definition,
        "draft": draft_of(name),
        "audience": audience_in_words(str(definition.get("audience", ""))),
        "hierarchy": HIERARCHIES.get(str(definition.get("hierarchy", "own"))),
        "groups": groups_of(definition),
        "limits": limits_of(definition),
        "day": day,
        "bands": day.by_profile.get(name),
        "can_edit": can(user, Page.HEALTH_DEFINITIONS),
    }
    return render(request, "health/profile.html", context)


def _version(request: HttpRequest, name: str) -> tuple[Version, Sequence[Version]]:
    versions = versions_of(name)
    asked = whole(request.GET.get("version", ""))
    found = next((it for it in versions if asked in (None, it.version)), None)
    if found is None:
        draft = draft_of(name)
        if draft is None or asked is not None:
            raise Http404
        found = Version(name, 0, False, draft.definition, draft)
    return found, versions or [found]


@require_GET
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Two texts of a profile as a list of differences; 0 is the draft."""
    user = who(request)
    require(user, Page.HEALTH)
    draft = draft_of(name)
    known = {it.version: it for it in versions_of(name)}
    if draft:
        known[0] = Version(name, 0, False, draft.definition, draft)
    if not known:
        raise Http404
    newest = max(known)
    before = newest if draft and newest else max(newest - 1, min(known))
    a = whole(request.GET["a"]) if "a" in request.GET else before
    b = whole(request.GET["b"]) if "b" in request.GET else (0 if draft else newest)
    if a not in known or b not in known:
        raise Http404
    first, second = known[a], known[b]
    context = {
        "name": name,
        "title": title_of(second.definition),
        "a": first,
        "b": second,
        "sides": [
            ("a", first, pgettext("version", "From")),
            ("b", second, pgettext("version", "To")),
        ],
        "known": sorted(known.values(), key=lambda it: -(it.version or newest + 1)),
        "changes": told_changes(first, second),
    }
    return render(request, "health/compare.html", context)


def told_changes(first: Version, second: Version) -> list[tuple[str, str, str]]:
    """What differs, how it was, how it is."""
    sources = sources_of(first.definition, second.definition)
    found = changes(first.definition, second.definition)
    return [change_in_words(it, sources) for it in found]


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new profile begins as a draft, as the copy of one that judges."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    judging = {name: it for name, it in newest_versions().items() if not it.is_retired}
    choices = [(name, title_of(it.definition)) for name, it in judging.items()]
    form = NewProfileForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        definition = {
            **judging[given["copy_of"]].definition,
            "title_zh": given["title_zh"],
            "title_en": given["title_en"],
        }
        if _begin(form, user, given["name"], definition):
            return redirect("health:edit_profile", given["name"])
    context = {"form": form, "letters": NAME.pattern}
    return render(request, "health/new_profile.html", context, status=422 if form.errors else 200)


def _begin(form: NewProfileForm, user: User, name: str, definition: dict[str, object]) -> bool:
    if versions_of(name):
        form.add_error("name", _("There is a profile of this name."))
        return False
    try:
        save_draft(name, definition=definition, edits=0, by=user, at=timezone.now())
    except InputRefused as refused:
        form.add_error("name", in_words(refused))
        return False
    return True


@require_POST
def restore_version(request: HttpRequest, name: str) -> HttpResponse:
    """Make an older version the draft."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    edits = whole(request.POST.get("edits", "")) or 0
    version = whole(request.POST.get("version", "")) or 0
    try:
        restore(name, version=version, edits=edits, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("health:scorecards")
    messages.success(request, _("Version %(version)s is the draft now.") % {"version": version})
    return redirect("health:edit_profile", name)


@require_POST
def retire_profile(request: HttpRequest, name: str) -> HttpResponse:
    """Nobody is judged by it any more."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    try:
        retire(name, note=request.POST.get("note", ""), by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("health:scorecards")
    messages.success(request, _("%(name)s judges nobody any more.") % {"name": name})
    return redirect("health:scorecards")
