"""The editor of a playbook: its steps left, who fits and a dry run right, while one types.

Every button works without script: the form is sent whole, `do` says what was pressed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused, RowError
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.work.models import PlaybookVersion
from perennial.work.playbooks import wording
from perennial.work.playbooks.actions.definitions import discard_draft, publish, save_draft
from perennial.work.playbooks.choices import choices
from perennial.work.playbooks.editor_rows import rows
from perennial.work.playbooks.forms.draft import definition_from
from perennial.work.playbooks.forms.steps import stepped
from perennial.work.playbooks.previewed import audience_in_words, previewed
from perennial.work.playbooks.queries.definitions import Known, faults_of, playbook, text_of

Plain = Mapping[str, Any]
CHOICE = "choice_"  # before the id of a step whose outcome is tried


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """GET: the draft, or what is in force. POST: save, publish, or a button of the form."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    known = known_or_404(name)
    if request.method == "GET":
        return _editor(request, user, known, text_of(known), edits=known.edits)
    definition = definition_from(request.POST, name)
    edits = whole(request.POST.get("edits", "")) or 0
    do = request.POST.get("do", "save")
    if do in ("save", "publish"):
        return _kept(request, user, known, definition, edits=edits, then=do)
    changed = stepped(definition, do, request.POST)
    opened = _touched(changed, definition, do)
    return _editor(request, user, known, changed, edits=edits, opened=opened)


def known_or_404(name: str) -> Known:
    found = playbook(name)
    if found is None:
        raise Http404
    return found


def _touched(changed: Plain, before: Plain, do: str) -> int | None:
    """The step that stays open after a button: the new one, the moved one, the same one."""
    verb, _colon, places = do.partition(":")
    at = whole(places.partition(":")[0])
    old = [it["id"] for it in before["steps"]]
    new = [n for n, it in enumerate(changed["steps"]) if it["id"] not in old]
    if new:
        return new[0]
    if at is None or verb in ("remove_step", "remove_exit"):
        return None
    return at + {"up": -1, "down": 1}.get(verb, 0)


def _kept(
    request: HttpRequest, user: User, known: Known, definition: Plain, *, edits: int, then: str
) -> HttpResponse:
    """Keep the draft, faults and all; what has faults is not published."""
    try:
        draft = save_draft(known.name, definition, edits=edits, by=user, at=timezone.now())
        if then == "publish" and not faults_of(definition):
            made = publish(known.name, edits=draft.edits, by=user, at=timezone.now())
            return _published(request, made)
    except InputRefused as refused:
        return _editor(
            request, user, known, definition, edits=edits, refused=in_words(refused), status=422
        )
    if "HX-Request" not in request.headers and then == "save":
        messages.success(request, _("Draft saved"))
        return redirect("playbooks:edit", known.name)
    fresh = known_or_404(known.name)
    refused_words = _("It is kept as a draft. Mend what is marked, then publish it.")
    answer = _editor(
        request,
        user,
        fresh,
        definition,
        edits=fresh.edits,
        refused=refused_words if then == "publish" else "",
        status=422 if then == "publish" else 200,
    )
    if then == "save":
        answer["HX-Trigger"] = json.dumps({"toast": _("Draft saved")})
    return answer


def _published(request: HttpRequest, made: PlaybookVersion) -> HttpResponse:
    said = _("Version %(version)s is published. Runs under way keep theirs.")
    messages.success(request, said % {"version": made.number})
    address = reverse("playbooks:playbook", args=[made.playbook.name])
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _editor(
    request: HttpRequest,
    user: User,
    known: Known,
    definition: Plain,
    *,
    edits: int,
    opened: int | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    found = faults_of(definition)
    draft = PlaybookVersion.objects.filter(playbook__name=known.name, published_at__isnull=True)
    context = {
        "name": known.name,
        "title": wording.told(definition.get("title") or {}) or known.name,
        "definition": definition,
        "edits": edits,
        "draft": draft.select_related("by").first(),
        "refused": refused,
        "is_saved": known.draft is not None and known.draft == {**definition, "name": known.name},
        "rows": rows(definition, found, opened=opened),
        "exits": definition.get("exits", ()),
        "wrong": _wrong(found),
        "audience": audience_in_words(definition.get("audience", "")),
        **choices(user, known.name),
        **previewed(user, definition, found),
    }
    partial = "HX-Request" in request.headers
    template = "work/playbooks/_editor.html" if partial else "work/playbooks/edit.html"
    return render(request, template, context, status=status)


def _wrong(faults: Sequence[RowError]) -> dict[str, list[str]]:
    """Sentences by the field of the head; those of a step stand at the step."""
    found: dict[str, list[str]] = {}
    for it in faults:
        field, _dot, place = (it.column or "").partition(".")
        if field != "steps" or not place:
            found.setdefault(field, []).append(in_words(it))
    return found


@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """Faults, who fits, and the dry run of what is in the form (POST) or kept (GET)."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    known = known_or_404(name)
    typed: QueryDict = request.POST if request.method == "POST" else request.GET
    is_live = request.method == "POST"
    definition = definition_from(request.POST, name) if is_live else text_of(known)
    context = {
        "name": name,
        "is_live": is_live,
        **previewed(user, definition, faults_of(definition), tried=whole(typed.get("try", ""))),
    }
    return render(request, "work/playbooks/_preview.html", context)


@require_POST
def discard(request: HttpRequest, name: str) -> HttpResponse:
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    known_or_404(name)
    try:
        discard_draft(name, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("playbooks:edit", name)
    messages.success(request, _("The draft is gone."))
    left = playbook(name)
    return redirect("playbooks:playbook", name) if left else redirect("playbooks:list")
