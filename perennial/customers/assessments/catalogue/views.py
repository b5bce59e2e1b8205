"""Pages of assessment forms and of the catalogue of solutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.actions import EditConflict
from perennial.customers.assessments.catalogue import actions
from perennial.customers.assessments.catalogue.forms import (
    SolutionForm,
    choices_text,
    definition_from,
    fresh_area,
    stepped,
)
from perennial.customers.assessments.checks import faults_of
from perennial.customers.assessments.queries import newest_version, solutions, templates
from perennial.customers.assessments.rules.shipped import SHIPPED, SOLUTIONS
from perennial.customers.assessments.rules.template import LOW_SCORE, YIELDS, plain
from perennial.customers.assessments.wording import YIELD_TITLES, solution_title, spoken
from perennial.customers.models import Assessment, AssessmentTemplate, Offer, OfferKind, Proposal
from perennial.customers.queries import visible_records
from perennial.customers.sheets import sheet
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words


def _frame(user: User, tab: str) -> dict[str, Any]:
    return {"tab": tab, "can_edit": can(user, Page.WORK_DEFINITIONS)}


def _definer(request: HttpRequest) -> User:
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    return user


@require_GET
def templates_page(request: HttpRequest) -> HttpResponse:
    """The forms in use, how often each was filled, and those that are not in use any more."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    seen = Assessment.objects.filter(
        customer__in=visible_records(user).values("pk"), taken_back_at__isnull=True
    )
    filled = dict(seen.order_by().values_list("template__name").annotate(n=Count("pk")))
    known = templates()
    retired = AssessmentTemplate.objects.exclude(retired_at=None).exclude(name__in=known)
    context = _frame(user, "forms") | {
        "forms": [
            (it, spoken(it.title), [spoken(area.title) for area in it.areas], filled.get(name, 0))
            for name, it in known.items()
        ],
        "retired": sorted(set(retired.values_list("name", flat=True))),
    }
    return render(request, "customers/standards/forms.html", context)


@require_http_methods(["GET", "POST"])
def edit_template(request: HttpRequest, name: str) -> HttpResponse:
    """GET: as it is in use. POST: a press of the editor, or a new version."""
    user = _definer(request)
    known = templates().get(name)
    if known is None:
        raise Http404
    if request.method == "GET":
        return _editor(request, user, name, plain(known), version=newest_version(name))
    return _edited(request, user, name)


@require_http_methods(["GET", "POST"])
def new_template(request: HttpRequest) -> HttpResponse:
    """A form of one's own; its name follows from its English title."""
    user = _definer(request)
    if request.method == "GET":
        titles = {"zh": "", "en": ""}
        start = {"title": titles, "low_score": LOW_SCORE, "areas": [fresh_area([])]}
        return _editor(request, user, "", start, version=0)
    name = _name_for(request.POST.get("en", ""), {*templates(), *SHIPPED})
    return _edited(request, user, name, is_new=True)


def _name_for(title: str, taken: set[str]) -> str:
    """A free name made of a title.

    >>> _name_for("Store check!", {"store_check"})
    'store_check_2'
    """
    base = slugify(title).replace("-", "_")[:36] or "form"
    names = (base, *(f"{base}_{n}" for n in range(2, 1000)))
    return next(it for it in names if it not in taken)


def _edited(request: HttpRequest, user: User, name: str, *, is_new: bool = False) -> HttpResponse:
    definition = definition_from(request.POST)
    version = whole(request.POST.get("version", "")) or 0
    do = request.POST.get("do", "save")
    shown = "" if is_new else name
    if do != "save":
        return _editor(request, user, shown, stepped(definition, do), version=version)
    try:
        made = actions.save_template(name, definition, version=version, by=user, at=timezone.now())
    except EditConflict as wrong:
        return _editor(
            request, user, shown, definition, version=version, error=in_words(wrong), status=422
        )
    except InputRefused:
        return _editor(request, user, shown, definition, version=version, status=422)
    if made is None:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Version %(version)s counts.") % {"version": made})
    return redirect("customers:forms")


def _editor(
    request: HttpRequest,
    user: User,
    name: str,
    definition: Mapping[str, Any],
    *,
    version: int,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    faults = faults_of(name or "form", definition) if status == 422 and not error else []
    context = _frame(user, "forms") | {
        "name": name,
        "definition": definition,
        "areas": [
            {
                **area,
                "questions": [(it, choices_text(it)) for it in area["questions"]],
                "faults": [in_words(it) for it in faults if _is_in(it.column or "", f"areas.{at}")],
            }
            for at, area in enumerate(definition["areas"])
        ],
        "wrong": [in_words(it) for it in faults if not (it.column or "").startswith("areas.")],
        "yields": [(it, YIELD_TITLES[it]) for it in YIELDS],
        "version": version,
        "error": error,
    }
    return render(request, "customers/standards/form_edit.html", context, status=status)


def _is_in(column: str, place: str) -> bool:
    return column == place or column.startswith(f"{place}.")


@require_POST
def retire_template(request: HttpRequest, name: str) -> HttpResponse:
    user = _definer(request)
    try:
        actions.retire_template(name, by=user, at=timezone.now())
        messages.success(request, _("Not in use any more; what was answered stays"))
    except InputRefused as wrong:
        messages.error(request, in_words(wrong))
    return redirect("customers:forms")


@require_POST
def reuse_template(request: HttpRequest, name: str) -> HttpResponse:
    user = _definer(request)
    try:
        actions.reuse_template(name, by=user, at=timezone.now())
        messages.success(request, _("In use again"))
    except InputRefused as wrong:
        messages.error(request, in_words(wrong))
    return redirect("customers:forms")


@require_GET
def solutions_page(request: HttpRequest) -> HttpResponse:
    """The catalogue in its six dimensions, with what became of each offer."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    offered = _offered(user)
    known = sorted(solutions().values(), key=solution_title)
    areas = {it.name: spoken(it.title) for form in templates().values() for it in form.areas}
    context = _frame(user, "solutions") | {
        "kinds": [
            (
                kind.label,
                [
                    (
                        it.name,
                        solution_title(it),
                        [areas.get(area, area) for area in it.areas],
                        offered.get(it.name, (0, 0)),
                    )
                    for it in known
                    if it.kind == kind
                ],
            )
            for kind in OfferKind
        ],
    }
    return render(request, "customers/standards/solutions.html", context)


def _offered(user: User) -> dict[str, tuple[int, int]]:
    """By name how often an entry was offered and delivered, at customers whom the user sees."""
    seen = Proposal.objects.filter(customer__in=visible_records(user).values("pk"))
    delivered = Count("pk", filter=Q(state=Proposal.State.DELIVERED))
    rows = seen.order_by().values_list("offer__name").annotate(n=Count("pk"), done=delivered)
    return {name: (n, done) for name, n, done in rows}


@require_http_methods(["GET", "POST"])
def edit_solution(request: HttpRequest, name: str = "") -> HttpResponse:
    """An entry of the catalogue; without a name a new one."""
    user = _definer(request)
    known = solutions().get(name)
    if name and known is None:
        raise Http404
    start = None
    if known is not None:
        start = {field: getattr(known, field) for field in ("title_zh", "title_en", "kind")}
        start["areas"] = list(known.areas)
    form = SolutionForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        taken = {*SOLUTIONS, *Offer.objects.values_list("name", flat=True)}
        key = name or _name_for(form.cleaned_data["title_en"], taken)
        actions.save_solution(form.solution(key), by=user, at=timezone.now())
        messages.success(request, _("Saved"))
        return _to_solutions(request)
    context = {"name": name, "title": solution_title(known) if known else ""}
    return sheet(request, form, template="customers/standards/solution_form.html", context=context)


def _to_solutions(request: HttpRequest) -> HttpResponse:
    answer = redirect("customers:solutions")
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": answer["Location"]})
    return answer


@require_POST
def retire_solution(request: HttpRequest, name: str) -> HttpResponse:
    user = _definer(request)
    try:
        actions.retire_solution(name, by=user, at=timezone.now())
        messages.success(request, _("Not offered any more; what runs goes on"))
    except InputRefused as wrong:
        messages.error(request, in_words(wrong))
    return _to_solutions(request)
