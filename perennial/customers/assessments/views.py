"""Acts at a customer: fill a form, follow an offer, diagnose; all in sheets over its page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.assessments import actions
from perennial.customers.assessments.forms import DiagnosisForm, FillForm, OfferForm, ResultForm
from perennial.customers.assessments.panels import (
    ASSESSMENTS,
    DIAGNOSES,
    OFFERS,
    lack_title,
)
from perennial.customers.assessments.queries import (
    assessment_for,
    assessments_of,
    diagnosis_for,
    proposal_for,
    templates,
)
from perennial.customers.assessments.rules.diagnosis import ANSWERS, ORDER
from perennial.customers.assessments.wording import solution_title, spoken
from perennial.customers.models import Customer
from perennial.customers.queries import customer_for
from perennial.customers.sheets import done, editor, sheet
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.web.panels import Panel

CARDS = "assessed"  # what the cards on the page listen to
TAB = "assessments"
PANELS: dict[str, Panel] = {"made": ASSESSMENTS, "offers": OFFERS, "diagnoses": DIAGNOSES}


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


@require_GET
def card(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One of the three cards, refreshed after a change or for two other dates."""
    user = who(request)
    customer = customer_for(user, pk)
    if name not in PANELS:
        raise Http404
    panel = PANELS[name]
    context = panel.build(user, customer, _today(), request.GET.dict()) or {}
    return render(request, panel.template, {**context, "customer": customer})


def _done(
    request: HttpRequest, customer: Customer, text: str, undo: str = "", *args: int
) -> HttpResponse:
    back = reverse(f"customers:{undo}", args=[customer.pk, *args]) if undo else ""
    return done(request, customer, text=text, refreshes=CARDS, undo=back, tab=TAB)


@require_http_methods(["GET", "POST"])
def assess(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Fill a form for a customer."""
    user, customer = editor(request, pk)
    template = templates().get(name)
    if template is None:
        raise Http404
    form = FillForm(request.POST or None, template=template, today=_today())
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.assess(
                customer,
                template=name,
                answers=form.answers(),
                note=form.cleaned_data["note"],
                made_on=form.cleaned_data["made_on"],
                by=user,
                at=timezone.now(),
            )
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            return _done(request, customer, _("Assessment saved"), "take_back", made.pk)
    context = {"customer": customer, "template": template, "title": spoken(template.title)}
    return sheet(request, form, template="customers/assessments/fill.html", context=context)


@require_POST
def take_back(request: HttpRequest, pk: int, assessment_pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    assessment = assessment_for(user, customer, assessment_pk)
    try:
        actions.take_back(assessment, by=user, at=timezone.now())
    except InputRefused as wrong:
        return _done(request, customer, in_words(wrong))
    return _done(request, customer, _("Assessment taken back"), "put_back", assessment.pk)


@require_POST
def put_back(request: HttpRequest, pk: int, assessment_pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    assessment = assessment_for(user, customer, assessment_pk)
    try:
        actions.put_back(assessment, by=user, at=timezone.now())
    except InputRefused as wrong:
        return _done(request, customer, in_words(wrong))
    return _done(request, customer, _("It stands again"))


@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer an entry of the catalogue; `area` says what it helps."""
    user, customer = editor(request, pk)
    assessments = assessments_of(user, customer)
    given = whole(request.POST.get("assessment", "")) or 0
    try:
        made = actions.propose(
            customer,
            solution=request.POST.get("solution", ""),
            assessment=assessments.filter(pk=given).first(),
            area=request.POST.get("area", "")[:40],
            by=user,
            at=timezone.now(),
        )
    except InputRefused as wrong:
        return _done(request, customer, in_words(wrong))
    return _done(request, customer, _("Offer noted"), "withdraw_offer", made.pk)


@require_http_methods(["GET", "POST"])
def follow_offer(request: HttpRequest, pk: int, proposal_pk: int) -> HttpResponse:
    """Where an offer stands and what came of it."""
    user, customer = editor(request, pk)
    proposal = proposal_for(user, customer, proposal_pk)
    kept = {name: getattr(proposal, name) for name in ("state", "result", "version")}
    form = OfferForm(request.POST or None, proposal=proposal, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            actions.follow_offer(proposal, **form.cleaned_data, by=user, at=timezone.now())
        except InputRefused as wrong:
            _show_both(form, in_words(wrong), kept)
        else:
            return _done(request, customer, _("Saved"))
    context = {"customer": customer, "proposal": proposal, "title": solution_title(proposal.offer)}
    return sheet(request, form, template="customers/assessments/offer_form.html", context=context)


def _show_both(form: Form, error: str, now: dict[str, Any]) -> None:
    """What stands now beside what was typed; saving again takes the typed."""
    form.add_error(None, error)
    if form.data.get("version") != str(now["version"]):
        if form.data.get("result") != now["result"]:
            shown = _("Now stands here: %(value)s") % {"value": now["result"] or "–"}
            form.add_error("result", shown)
        form.data = {**form.data.dict(), "version": now["version"]}  # type: ignore[attr-defined]  # a QueryDict


@require_POST
def withdraw_offer(request: HttpRequest, pk: int, proposal_pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    proposal = proposal_for(user, customer, proposal_pk)
    try:
        actions.withdraw_offer(proposal, by=user, at=timezone.now())
    except InputRefused as wrong:
        return _done(request, customer, in_words(wrong))
    return _done(request, customer, _("Taken back"))


@require_http_methods(["GET", "POST"])
def diagnose(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge motivation, ability and trigger; what is lacking is said by the rule."""
    user, customer = editor(request, pk)
    form = DiagnosisForm(request.POST or None, today=_today())
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.diagnose(
                customer,
                judged=form.judged(),
                stuck_at=form.cleaned_data["stuck_at"],
                response=form.cleaned_data["response"],
                made_on=form.cleaned_data["made_on"],
                by=user,
                at=timezone.now(),
            )
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            text = _("Lacking: %(what)s") % {"what": lack_title(made.lack)}
            return _done(request, customer, text, "withdraw_diagnosis", made.pk)
    context = {
        "customer": customer,
        "answers": [_(ANSWERS[name].text) for name in (*ORDER, "")],
        "questions": [(field, [_(it) for it in anchors]) for field, anchors in form.questions()],
    }
    return sheet(
        request, form, template="customers/assessments/diagnosis_form.html", context=context
    )


@require_http_methods(["GET", "POST"])
def write_result(request: HttpRequest, pk: int, diagnosis_pk: int) -> HttpResponse:
    """What came of the answer to a diagnosis."""
    user, customer = editor(request, pk)
    diagnosis = diagnosis_for(user, customer, diagnosis_pk)
    kept = {"result": diagnosis.result, "version": diagnosis.version}
    form = ResultForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_result(diagnosis, **form.cleaned_data, by=user, at=timezone.now())
        except InputRefused as wrong:
            _show_both(form, in_words(wrong), kept)
        else:
            return _done(request, customer, _("Saved"))
    context = {"customer": customer, "diagnosis": diagnosis, "lack": lack_title(diagnosis.lack)}
    return sheet(request, form, template="customers/assessments/result_form.html", context=context)


@require_POST
def withdraw_diagnosis(request: HttpRequest, pk: int, diagnosis_pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    diagnosis = diagnosis_for(user, customer, diagnosis_pk)
    actions.withdraw_diagnosis(diagnosis, by=user, at=timezone.now())
    return _done(request, customer, _("Taken back"))
