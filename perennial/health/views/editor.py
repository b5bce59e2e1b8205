"""The editor of a profile: the text left, what it would change right, while one types.

Every button works without script: the form is sent whole, `do` says what was pressed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.customers.filter_words import in_words as filter_in_words
from perennial.customers.filters import AllOf, FilterRefused, parse
from perennial.events.models import Feature
from perennial.health.actions.profiles import discard_draft, save_draft
from perennial.health.audience import FIELDS
from perennial.health.forms.draft import definition_from, typed
from perennial.health.forms.steps import stepped
from perennial.health.preview_rows import previewed
from perennial.health.profile_rows import faults_under, groups_of, limits_of
from perennial.health.profile_wording import CONDITIONS, HIERARCHIES, OPERATORS, title_of
from perennial.health.queries.profiles import draft_of, newest_versions
from perennial.health.queries.sources import Checked, checked, sources
from perennial.health.rules.definition import GROUPS as GROUP_ORDER
from perennial.health.wording import GROUPS
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words

Plain = Mapping[str, Any]


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """GET: the draft, or what judges now. POST: save, publish, or a step of the form."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    definition, edits = _begun(name)
    opened = None
    if request.method == "POST":
        definition = definition_from(request.POST, name)
        edits = whole(request.POST.get("edits", "")) or 0
        do = request.POST.get("do", "save")
        if do in ("save", "publish"):
            return _saved(request, user, name, definition, edits=edits, then=do)
        definition = stepped(definition, do, request.POST)
        opened = _touched(definition, do)
    return _editor(request, user, name, definition, edits=edits, opened=opened)


def _touched(definition: Plain, do: str) -> int | None:
    """The measure whose scale stays open after a step."""
    verb, _colon, place = do.partition(":")
    if verb == "add_measure":
        return len(definition["measures"]) - 1
    return whole(place) if verb in ("add_point", "drop_point", "other_scale") else None


def _begun(name: str) -> tuple[Plain, int]:
    draft = draft_of(name)
    if draft is not None:
        return draft.definition, draft.edits
    newest = newest_versions().get(name)
    if newest is None:
        raise Http404
    return newest.definition, 0


def _saved(
    request: HttpRequest, user: User, name: str, definition: Plain, *, edits: int, then: str
) -> HttpResponse:
    """Keep the draft; faults may stand in a draft, but nobody publishes them."""
    try:
        save_draft(name, definition=definition, edits=edits, by=user, at=timezone.now())
    except InputRefused as refused:
        return _editor(
            request, user, name, definition, edits=edits, refused=in_words(refused), status=422
        )
    if then == "publish":
        return _sent(request, reverse("health:publish_profile", args=[name]))
    if "HX-Request" not in request.headers:
        messages.success(request, _("Draft saved"))
        return redirect("health:edit_profile", name)
    answer = _editor(request, user, name, _begun(name)[0])
    answer["HX-Trigger"] = json.dumps({"toast": _("Draft saved"), "draftSaved": True})
    return answer


def _sent(request: HttpRequest, address: str) -> HttpResponse:
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _editor(
    request: HttpRequest,
    user: User,
    name: str,
    definition: Plain,
    *,
    edits: int | None = None,
    opened: int | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    found = checked(definition)
    draft = draft_of(name)
    context = {
        "name": name,
        "title": title_of(definition),
        "definition": definition,
        "edits": (draft.edits if draft else 0) if edits is None else edits,
        "draft": draft,
        "newest": newest_versions().get(name),
        "refused": refused,
        "opened": opened,
        "is_saved": draft is not None and draft.definition == definition,
        "head": _head(definition),
        "wrong": _wrong(found.faults),
        **_shown(user, definition, found),
        **_choices(definition),
    }
    partial = "HX-Request" in request.headers
    template = "health/_editor.html" if partial else "health/edit.html"
    return render(request, template, context, status=status)


def _shown(user: User, definition: Plain, found: Checked) -> dict[str, Any]:
    """The text as rows, with its faults and pictures, and what it would change."""
    shown = previewed(user, definition, faults=found.faults, hints=found.hints)
    values = shown["preview"].values if shown.get("preview") else None
    return {
        "groups": groups_of(definition, faults=found.faults, values=values),
        "limits": limits_of(definition, faults=found.faults),
        **shown,
    }


def _choices(definition: Plain) -> dict[str, Any]:
    """What the menus of the form offer."""
    return {
        "conditions": _conditions(str(definition.get("audience", ""))),
        "group_choices": [(it, GROUPS[it]) for it in GROUP_ORDER],
        "hierarchies": HIERARCHIES.items(),
        "kinds": CONDITIONS.items(),
        "fields": FIELDS,
        "operators": OPERATORS.items(),
        "addable": _addable(definition),
        "features": Feature.objects.order_by("name").values_list("name", flat=True),
    }


def _head(definition: Plain) -> dict[str, str]:
    """The fields above the measures, as they stand in their inputs."""
    bands = definition.get("bands", (50, 75))
    coverage = definition.get("enough_coverage_rate", 0.6)
    return {
        "priority": typed(definition.get("priority")),
        "yellow": typed(bands[0]),
        "green": typed(bands[1]),
        "coverage": typed(coverage, in_percent=True),
    }


def _wrong(faults: Any) -> dict[str, list[str]]:
    """Faults of the fields above the measures, and of the measures as a whole."""
    places = ("title_zh", "title_en", "priority", "audience", "bands", "hierarchy")
    wrong = {place: faults_under(faults, place) for place in places}
    wrong["coverage"] = faults_under(faults, "enough_coverage_rate")
    wrong["measures"] = [in_words(it) for it in faults if it.column == "measures"]
    return wrong


def _conditions(audience: str) -> list[str] | None:
    """Each condition of the audience in words; None: it cannot be read."""
    known = {field.name: field for field in FIELDS}
    try:
        return [filter_in_words(AllOf((it,)), known, {}) for it in parse(audience).parts]
    except (FilterRefused, KeyError):
        return None


def _addable(definition: Plain) -> list[tuple[str, str]]:
    """Sources that are no measure yet; metrics may be added again with other options."""
    taken = {str(row.get("source")) for row in definition.get("measures", ())}
    return [(it.id, str(it.title)) for it in sources() if it.id not in taken]


@require_POST
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """What the text as it is typed would change; the pictures of its scales come with it."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    _begun(name)
    definition = definition_from(request.POST, name)
    draft = draft_of(name)
    context = {
        "name": name,
        "is_saved": draft is not None and draft.definition == definition,
        "is_live": True,
        **_shown(user, definition, checked(definition)),
    }
    return render(request, "health/_preview.html", context)


@require_POST
def discard(request: HttpRequest, name: str) -> HttpResponse:
    """Throw the draft away."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    edits = whole(request.POST.get("edits", "")) or 0
    try:
        discard_draft(name, edits=edits, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("health:scorecards")
    messages.success(request, _("Draft discarded"))
    return redirect("health:scorecards")
