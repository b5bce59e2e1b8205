"""All playbooks, and what one says: its steps, its runs, who fits, what it brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.queries import visible_records
from perennial.customers.sheets import sheet
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words
from perennial.web.formats import number
from perennial.work.models import PlaybookVersion, Run, StepRun
from perennial.work.playbooks import wording
from perennial.work.playbooks.actions import definitions as actions
from perennial.work.playbooks.choices import trigger_in_words
from perennial.work.playbooks.editor_rows import rows
from perennial.work.playbooks.forms.start import NewPlaybookForm
from perennial.work.playbooks.previewed import audience_in_words, fitting, today
from perennial.work.playbooks.queries.definitions import Known, playbooks, text_of
from perennial.work.playbooks.rules.definition import Cap, of, plain
from perennial.work.playbooks.views.editor import known_or_404
from perennial.work.playbooks.why import end_reason

RUNS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A playbook in the list; the counts are of customers that the user sees."""

    name: str
    title: str
    purpose: str
    trigger: str
    can_be_automatic: bool
    is_automatic: bool
    steps: int
    running: int
    ended: int
    overdue: int
    version: int
    is_shipped: bool
    has_draft: bool


@require_GET
def all_playbooks(request: HttpRequest) -> HttpResponse:
    user = who(request)
    require(user, Page.PLAYBOOKS)
    retired = request.GET.get("retired") == "1"
    counts = _counts(user)
    shown = [it for it in playbooks(retired=retired) if bool(it.retired_at) == retired]
    context = {
        "rows": [_row(it, counts.get(it.name, {})) for it in shown],
        "retired": retired,
        "can_edit": can(user, Page.WORK_DEFINITIONS),
    }
    return render(request, "work/playbooks/list.html", context)


def _counts(user: User) -> dict[str, dict[str, int]]:
    """Runs and overdue steps by playbook, through the gate."""
    runs = Run.objects.filter(customer__in=visible_records(user)).order_by()
    running = Q(state=Run.State.RUNNING)
    counted = runs.values("playbook__name").annotate(
        running=Count("pk", filter=running), ended=Count("pk", filter=~running)
    )
    found = {
        it["playbook__name"]: {"running": it["running"], "ended": it["ended"]} for it in counted
    }
    late = StepRun.objects.filter(
        run__in=runs.filter(running), state=StepRun.State.OPEN, due_on__lt=today()
    ).order_by()
    for name, n in late.values_list("run__playbook__name").annotate(n=Count("pk")):
        found.setdefault(name, {})["overdue"] = n
    return found


def _row(known: Known, counts: Mapping[str, int]) -> Row:
    text = text_of(known) if known.definition is None else {}
    definition = known.definition
    trigger = definition.trigger if definition else str(text.get("trigger", ""))
    return Row(
        known.name,
        wording.title(definition) if definition else wording.told(text.get("title") or {}),
        wording.told(definition.purpose if definition else text.get("purpose") or {}),
        trigger_in_words(trigger),
        bool(trigger),
        known.is_automatic,
        len(definition.steps) if definition else len(text.get("steps", ())),
        counts.get("running", 0),
        counts.get("ended", 0),
        counts.get("overdue", 0),
        known.version,
        known.is_shipped,
        known.draft is not None,
    )


@require_GET
def one_playbook(request: HttpRequest, name: str) -> HttpResponse:
    user = who(request)
    require(user, Page.PLAYBOOKS)
    known = known_or_404(name)
    runs = Run.objects.filter(playbook__name=name, customer__in=visible_records(user))
    shown = list(
        runs.select_related("customer", "version").order_by("-enrolled_on", "-pk")[:RUNS_SHOWN]
    )
    row = _row(known, _counts(user).get(name, {}))
    text = text_of(known)
    context = {
        "row": row,
        "name": name,
        "title": row.title or name,
        "purpose": row.purpose,
        "version": known.version if known.definition else 0,
        "is_only_draft": known.definition is None,
        "is_shipped": known.is_shipped,
        "retired_at": known.retired_at,
        "has_draft": row.has_draft,
        "trigger": row.trigger,
        "can_be_automatic": row.can_be_automatic,
        "is_automatic": row.is_automatic,
        "running": row.running,
        "ended": row.ended,
        "caps": caps_in_words(known.definition.cap) if known.definition else "",
        "audience": audience_in_words(text.get("audience", "")),
        "steps": _steps(known, text),
        "runs": [(it, end_reason(it, of(it.version.definition))) for it in shown],
        "runs_more": max(row.running + row.ended - RUNS_SHOWN, 0),
        "versions": PlaybookVersion.objects.filter(playbook__name=name)
        .select_related("by")
        .order_by("-number"),
        "can_edit": can(user, Page.WORK_DEFINITIONS),
        "can_start": can(user, Page.EDIT_CUSTOMERS) and known.definition is not None,
    }
    return render(request, "work/playbooks/playbook.html", context)


@require_GET
def who_fits(request: HttpRequest, name: str) -> HttpResponse:
    """The card of who would come in now, which reads every customer."""
    user = who(request)
    require(user, Page.PLAYBOOKS)
    known = known_or_404(name)
    row = _row(known, {})
    context = {
        "name": name,
        "fitting": fitting(user, known.definition) if known.definition else 0,
        "can_be_automatic": row.can_be_automatic,
        "is_automatic": row.is_automatic,
        "can_edit": can(user, Page.WORK_DEFINITIONS),
    }
    return render(request, "work/playbooks/_fitting.html", context)


def _steps(known: Known, text: Mapping[str, Any]) -> list[Any]:
    """The steps of what is in force; of the draft while there is nothing else."""
    shown = plain(known.definition) if known.definition else text
    return rows({**shown, "steps": shown.get("steps", [])}, ())


def caps_in_words(cap: Cap) -> str:
    said = []
    if cap.ever is not None:
        times = ngettext("%(n)s time at a customer", "%(n)s times at a customer", cap.ever)
        said.append(times % {"n": number(cap.ever)})
    if cap.days is not None:
        said.append(_("once in %(n)s days") % {"n": number(cap.days)})
    if cap.running is not None:
        said.append(_("%(n)s customers at once") % {"n": number(cap.running)})
    if cap.per_day is not None:
        said.append(_("%(n)s new ones a day") % {"n": number(cap.per_day)})
    return " · ".join(said)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new playbook begins as the copy of one that exists."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    sources = [(it.name, wording.title(it.definition)) for it in playbooks() if it.definition]
    form = NewPlaybookForm(
        request.POST or None, choices=sources, copy_of=request.GET.get("copy_of", "")
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.copy(given["copy_of"], to=given["name"], by=user, at=timezone.now())
        except InputRefused as refused:
            form.add_error("name", in_words(refused))
        else:
            answer = redirect("playbooks:edit", given["name"])
            if "HX-Request" in request.headers:
                return HttpResponse(headers={"HX-Redirect": answer["Location"]})
            return answer
    return sheet(request, form, template="work/playbooks/new.html", context={})


@require_POST
def retire(request: HttpRequest, name: str) -> HttpResponse:
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    known_or_404(name)
    actions.retire(name, by=user, at=timezone.now())
    messages.success(request, _("Retired: nobody is taken in any more."))
    return redirect("playbooks:playbook", name)


@require_POST
def restore(request: HttpRequest, name: str) -> HttpResponse:
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    known_or_404(name)
    actions.bring_back(name, by=user, at=timezone.now())
    messages.success(request, _("Back in use."))
    return redirect("playbooks:playbook", name)


@require_POST
def automatic(request: HttpRequest, name: str) -> HttpResponse:
    """Switch on or off that the day takes customers in by itself."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    known_or_404(name)
    on = request.POST.get("on") == "1"
    try:
        actions.set_automatic(name, on=on, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        said = _("Switched on: the next day's run takes customers in.")
        messages.success(request, said if on else _("Switched off."))
    return redirect("playbooks:playbook", name)
