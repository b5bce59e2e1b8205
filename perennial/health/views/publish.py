"""Publishing: what changes, who changes colour, why; then the next version judges."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perennial.health.actions.profiles import publish
from perennial.health.forms.profile import PublishForm
from perennial.health.preview_rows import previewed
from perennial.health.profile_wording import title_of
from perennial.health.queries.profiles import Version, draft_of, next_version, versions_of
from perennial.health.queries.sources import checked
from perennial.health.views.scorecards import told_changes
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words


@require_http_methods(["GET", "POST"])
def publish_profile(request: HttpRequest, name: str) -> HttpResponse:
    """GET: what it would change. POST: the draft becomes the next version."""
    user = who(request)
    require(user, Page.HEALTH_DEFINITIONS)
    draft = draft_of(name)
    if draft is None and not versions_of(name):
        raise Http404
    if draft is None:
        messages.info(request, _("There is no draft of this profile."))
        return redirect("health:profile", name)
    form = PublishForm(request.POST or None, initial={"edits": draft.edits})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = publish(
                name, edits=given["edits"], note=given["note"], by=user, at=timezone.now()
            )
        except InputRefused as refused:
            form.add_error("note" if refused.column == "note" else None, in_words(refused))
        else:
            said = _("Version %(version)s is published: it judges from the next day computed.")
            messages.success(request, said % {"version": made.version})
            return redirect("health:profile", name)
    found = checked(draft.definition)
    versions = versions_of(name)
    context = {
        "name": name,
        "title": title_of(draft.definition),
        "draft": draft,
        "form": form,
        "next": next_version(name),
        "newest": versions[0] if versions else None,
        "changes": told_changes(versions[0], Version(name, 0, False, draft.definition, draft))
        if versions
        else None,
        **previewed(user, draft.definition, faults=found.faults, hints=found.hints),
    }
    return render(request, "health/publish.html", context, status=422 if form.errors else 200)
